import { createHash } from "node:crypto";
import { type Answer, type Exchange, type Reply, startServer } from "./loopback-server.ts";

type Stored = { versionId: string; bytes: Buffer | undefined };

export type S3Request = { method: string; bucket: string; key: string; body: string };

export type S3StandIn = AsyncDisposable & {
  url: string;
  requests: S3Request[];
  /** Set to answer a request otherwise; `undefined` lets it through. */
  fault: (request: S3Request) => Answer | undefined;
  /** Adds a version, and gives the event record that S3 would send. */
  upload(key: string, content: string | Buffer): S3EventRecord;
  /** Adds a delete marker, and gives the event record that S3 would send. */
  remove(key: string): S3EventRecord;
  /** Removes a version, or marker, for good; `cause` as in the event's name. */
  removeVersion(key: string, versionId: string, cause?: string): S3EventRecord;
  /** The records of the announcements bucket. */
  records(): unknown[];
  overwriteRecord(key: string, text: string): void;
};

export type S3EventRecord = {
  eventVersion: string;
  eventSource: string;
  eventName: string;
  s3: {
    bucket: { name: string };
    object: { key: string; size: number; eTag: string; versionId?: string; sequencer: string };
  };
};

export const FILES_BUCKET = "files-bucket";
export const ANNOUNCEMENTS_BUCKET = "announcements-bucket";
export const PACKED_BUCKET = "packed";

export function etagOf(bytes: Buffer | string): string {
  return createHash("md5").update(bytes).digest("hex");
}

/** The object calls that the notifier makes, in memory: versions in the files bucket, conditional writes in the other. */
export async function startS3(): Promise<S3StandIn> {
  const files = new Map<string, Stored[]>();
  const states = new Map<string, string>();
  let uploads = 0;
  const server = await startServer((exchange) => {
    const [, bucket = "", ...segments] = exchange.url.pathname.split("/");
    const key = decodeURIComponent(segments.join("/"));
    const request = { method: exchange.method, bucket, key, body: exchange.body };
    standIn.requests.push(request);
    const fault = standIn.fault(request);
    if (fault !== undefined) return fault;
    return bucket === FILES_BUCKET
      ? readFile(key, exchange.url.searchParams.get("versionId"))
      : state(key, exchange);
  });

  const sequencer = () => (0x65a0_0000 + uploads).toString(16).toUpperCase().padStart(18, "0");

  const standIn: S3StandIn = {
    url: server.url,
    requests: [],
    fault: () => undefined,
    upload(key, content) {
      const bytes = Buffer.from(content);
      uploads += 1;
      const versionId = `v${uploads}`;
      files.set(key, [...(files.get(key) ?? []), { versionId, bytes }]);
      const object = { size: bytes.length, eTag: etagOf(bytes), versionId, sequencer: sequencer() };
      return eventRecord(key, object);
    },
    remove(key) {
      uploads += 1;
      const versionId = `v${uploads}`;
      files.set(key, [...(files.get(key) ?? []), { versionId, bytes: undefined }]);
      const object = { size: 0, eTag: "", versionId, sequencer: sequencer() };
      return eventRecord(key, object, "ObjectRemoved:DeleteMarkerCreated");
    },
    removeVersion(key, versionId, cause = "ObjectRemoved") {
      uploads += 1;
      files.set(
        key,
        (files.get(key) ?? []).filter((each) => each.versionId !== versionId),
      );
      const object = { size: 0, eTag: "", versionId, sequencer: sequencer() };
      return eventRecord(key, object, `${cause}:Delete`);
    },
    records: () => [...states.values()].map((text) => JSON.parse(text)),
    overwriteRecord: (key, text) => states.set(key, text),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
  return standIn;

  function readFile(key: string, versionId: string | null): Reply {
    const versions = files.get(key) ?? [];
    const found = versionId === null ? versions.at(-1) : versions.find((v) => v.versionId === versionId);
    if (found === undefined) return failure(404, versionId === null ? "NoSuchKey" : "NoSuchVersion");
    if (found.bytes === undefined) {
      return versionId === null ? failure(404, "NoSuchKey") : failure(405, "MethodNotAllowed");
    }
    return {
      status: 200,
      headers: {
        etag: `"${etagOf(found.bytes)}"`,
        "x-amz-version-id": found.versionId,
        "content-length": String(found.bytes.length),
      },
      body: found.bytes,
    };
  }

  function state(key: string, { method, headers, body }: Exchange): Reply {
    const stored = states.get(key);
    const etag = stored === undefined ? undefined : `"${etagOf(stored)}"`;
    if (method === "GET") {
      return stored === undefined || etag === undefined
        ? failure(404, "NoSuchKey")
        : { status: 200, headers: { etag }, body: stored };
    }
    if (headers["if-none-match"] === "*" && stored !== undefined) return failure(412, "PreconditionFailed");
    const match = headers["if-match"];
    if (match !== undefined && stored === undefined) return failure(404, "NoSuchKey");
    if (match !== undefined && match !== etag) return failure(412, "PreconditionFailed");
    states.set(key, body);
    return { status: 200, headers: { etag: `"${etagOf(body)}"` } };
  }
}

/** As S3 sends it: the key form-encoded. */
export function eventRecord(
  key: string,
  object: { size: number; eTag: string; versionId?: string; sequencer: string },
  eventName = "ObjectCreated:Put",
): S3EventRecord {
  const encoded = encodeURIComponent(key).replaceAll("%20", "+").replaceAll("%2F", "/");
  return {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    eventName,
    s3: { bucket: { name: FILES_BUCKET }, object: { key: encoded, ...object } },
  };
}

export function failure(status: number, code: string): Reply {
  return {
    status,
    headers: { "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
  };
}
