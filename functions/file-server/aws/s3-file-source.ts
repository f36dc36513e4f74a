import type { IncomingMessage } from "node:http";
import { encodeS3Key, encodeUriComponent } from "../../../protocol/aws-signature.ts";
import { formatRangeHeader, parseContentRange } from "../../../protocol/byte-range.ts";
import { unquoteEtag } from "../../../protocol/etag.ts";
import { isVersionId } from "../../../protocol/version-id.ts";
import type { FilePart, FileSource, HeadRequest, NotRead, ReadRequest, TooBig } from "../ports.ts";
import { type AwsSender, readAtMost } from "./aws-sender.ts";
import { readS3Error, S3Error } from "./s3-error.ts";

/** Bytes of an error's XML that are worth reading. */
const ERROR_MAX_BYTES = 16 * 1024;

/**
 * Files in an S3 bucket, over its REST API. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 *
 * @param timeoutMs Milliseconds for one request, first byte to last.
 */
export function createS3FileSource(options: {
  send: AwsSender;
  pathPrefix: string;
  timeoutMs: number;
}): FileSource {
  async function exchange<Outcome>(
    method: "GET" | "HEAD",
    request: HeadRequest,
    headers: Record<string, string>,
    read: (response: IncomingMessage) => Promise<Outcome>,
  ): Promise<Outcome | NotRead> {
    const path = options.pathPrefix + encodeS3Key(request.key);
    const query =
      request.version === undefined ? undefined : `versionId=${encodeUriComponent(request.version)}`; // [NF-3.10]
    const ifMatch = request.ifMatch === undefined ? undefined : `"${request.ifMatch}"`;
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(options.timeoutMs)]);
    try {
      const response = await options.send({
        method,
        path,
        query,
        headers: { ...headers, "if-match": ifMatch },
        signal,
      });
      return await read(response);
    } catch (cause) {
      if (cause instanceof S3Error) throw cause;
      return { outcome: "unavailable", cause };
    }
  }

  return {
    read: (request) =>
      exchange("GET", request, { range: formatRangeHeader(request.range) }, (response) =>
        readPart(request, response),
      ),
    head: (request) =>
      exchange("HEAD", request, {}, async (response) => {
        const status = response.statusCode ?? 0;
        await readAtMost(response, 0); // to its end, which frees the connection
        if (status !== 200) return readS3Error("HeadObject", status, "", request.version);
        return { outcome: "found", total: contentLength(response), ...versionOf(response) };
      }),
  };
}

async function readPart(
  request: ReadRequest,
  response: IncomingMessage,
): Promise<FilePart | NotRead | TooBig> {
  const status = response.statusCode ?? 0;
  if (status === 200 && response.headers["content-length"] === "0") {
    await readAtMost(response, 0);
    return { outcome: "out-of-range", total: 0 }; // S3's answer to a suffix range of an empty object
  }
  if (status !== 206) {
    const xml = (await readAtMost(response, ERROR_MAX_BYTES)).toString();
    return readS3Error("GetObject", status, xml, request.version);
  }
  const extent = parseContentRange(response.headers["content-range"] ?? "");
  const version = versionOf(response);
  if (extent === undefined || ("first" in request.range && extent.offset !== request.range.first)) {
    response.destroy();
    throw new S3Error("S3 answered GetObject with a Content-Range that was not asked for", status);
  }
  const { maxTotal = Number.POSITIVE_INFINITY, maxLength = Number.POSITIVE_INFINITY } = request;
  if (extent.total > maxTotal || extent.length > maxLength) {
    response.destroy();
    return { outcome: "too-big", version: versionIdOf(response) };
  }
  const length = Math.min(extent.length, request.maxBytes);
  const bytes = await readAtMost(response, length);
  if (bytes.length !== length) throw new Error("S3 sent fewer bytes than its Content-Range says");
  return { outcome: "found", bytes, offset: extent.offset, total: extent.total, ...version };
}

function versionOf(response: IncomingMessage): { etag: string; modified: string | undefined } {
  const { etag: quoted = "", "last-modified": modified } = response.headers;
  const etag = unquoteEtag(quoted);
  if (etag !== undefined) return { etag, modified };
  response.destroy();
  throw new S3Error("S3 answered without a usable ETag", response.statusCode ?? 0);
}

/** Undefined where the bucket has no versions, or had none when the object came. */
function versionIdOf(response: IncomingMessage): string | undefined {
  const { "x-amz-version-id": id } = response.headers;
  return typeof id === "string" && isVersionId(id) ? id : undefined;
}

function contentLength(response: IncomingMessage): number {
  const length = response.headers["content-length"] ?? "";
  if (/^[0-9]{1,15}$/.test(length)) return Number(length);
  throw new S3Error("S3 answered HeadObject without a Content-Length", response.statusCode ?? 0);
}
