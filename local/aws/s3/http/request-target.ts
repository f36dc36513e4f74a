import { queryPairs } from "../../sigv4/canonical-request.ts";
import { S3Error } from "../s3-error.ts";

/** What the request line names. `bucket` is empty for the service itself, `key` for a bucket. */
export type RequestTarget = {
  rawPath: string;
  rawQuery: string;
  bucket: string;
  key: string;
  /** Whether the host names the bucket, and the path only the key. */
  virtualHosted: boolean;
  /** Decoded; the first of repeated parameters. */
  query: ReadonlyMap<string, string>;
};

export const LONGEST_KEY_BYTES = 1024;
const VIRTUAL_HOST = /^(?!s3\.localhost)(.+?)(?:\.s3)?\.localhost(?::\d+)?$/i;

/**
 * Reads the request line by hand: a URL parser would normalise `..` and `//`, which are parts of keys.
 * Path style, or virtual-hosted style under `<bucket>.localhost` and `<bucket>.s3.localhost`.
 *
 * @throws {S3Error} `InvalidURI`, `KeyTooLongError`
 */
export function parseTarget(url: string, host: string): RequestTarget {
  if (!url.startsWith("/")) throw new S3Error("InvalidURI");
  const mark = url.indexOf("?");
  const rawPath = mark < 0 ? url : url.slice(0, mark);
  const rawQuery = mark < 0 ? "" : url.slice(mark + 1);
  const path = decode(() => decodeURIComponent(rawPath));
  const query = new Map(decode(() => queryPairs(rawQuery)).toReversed());
  const [, virtualBucket] = VIRTUAL_HOST.exec(host) ?? [];
  const { bucket, key } =
    virtualBucket === undefined ? splitPath(path) : { bucket: virtualBucket, key: path.slice(1) };
  if (Buffer.byteLength(key) > LONGEST_KEY_BYTES) throw new S3Error("KeyTooLongError");
  return { rawPath, rawQuery, bucket, key, virtualHosted: virtualBucket !== undefined, query };
}

function splitPath(path: string): { bucket: string; key: string } {
  const slash = path.indexOf("/", 1);
  if (slash < 0) return { bucket: path.slice(1), key: "" };
  return { bucket: path.slice(1, slash), key: path.slice(slash + 1) };
}

function decode<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new S3Error("InvalidURI", undefined, { cause });
  }
}
