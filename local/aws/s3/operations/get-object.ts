import type { Reply } from "../http/reply.ts";
import { S3Error } from "../s3-error.ts";
import type { ObjectVersion } from "../store/object-version.ts";
import { type RangeOutcome, resolveRange } from "./byte-range.ts";
import { checkReadConditions, meetsIfRange } from "./conditions.ts";
import { findObject } from "./find-object.ts";
import { partCount } from "./multipart-etag.ts";
import { objectHeaders } from "./object-headers.ts";
import { type Operation, type S3Call, versioned, versionIdOf } from "./operation.ts";

/** Up to this size a body is read before the head is sent, and goes out in one piece. */
const SMALL_BYTES = 128 * 1024;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export const getObject: Operation = {
  needs: (request) => [versioned(request, "s3:GetObject", "s3:GetObjectVersion")],
  async run(call) {
    const { reply, version, first, last } = describe(call);
    const length = last - first + 1;
    if (length <= 0) return reply;
    const stream = await call.store.blobs.read(version.segments, first, last);
    if (length > SMALL_BYTES) return { ...reply, body: { stream, length } };
    return { ...reply, body: await inOnePiece(stream, length) };
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
export const headObject: Operation = {
  needs: getObject.needs,
  run: async (call) => describe(call).reply,
};

async function inOnePiece(stream: AsyncIterable<Buffer>, length: number): Promise<Buffer> {
  const whole = Buffer.allocUnsafe(length);
  let at = 0;
  for await (const piece of stream) at += piece.copy(whole, at);
  return whole;
}

/** Everything but the bytes. */
function describe(call: S3Call): { reply: Reply; version: ObjectVersion; first: number; last: number } {
  const { request } = call;
  if (request.header("x-amz-server-side-encryption") !== undefined) {
    throw new S3Error("InvalidArgument", "x-amz-server-side-encryption is not for reading.");
  }
  const { bucket, version } = findObject(call, { ...request, versionId: versionIdOf(request) });
  checkReadConditions(request, version);

  const range = requestedRange(call, version);
  if (range === "unsatisfiable") {
    throw new S3Error("InvalidRange", undefined, {
      details: { RangeRequested: request.header("range") ?? "", ActualObjectSize: version.size },
      headers: { "content-range": `bytes */${version.size}` },
    });
  }
  const { first, last } = range === "whole" ? { first: 0, last: version.size - 1 } : range;
  const headers = {
    ...objectHeaders(version, bucket, request),
    "content-length": last - first + 1,
    ...(range === "whole" ? {} : { "content-range": `bytes ${first}-${last}/${version.size}` }),
    ...partsCount(call, version),
  };
  if (range !== "whole") dropChecksum(headers);
  return { reply: { status: range === "whole" ? 200 : 206, headers }, version, first, last };
}

function requestedRange({ request }: S3Call, version: ObjectVersion): RangeOutcome {
  const part = request.query.get("partNumber");
  if (part !== undefined) {
    if (request.header("range") === undefined) return partRange(part, version);
    throw new S3Error("InvalidRequest", "Cannot specify both Range header and partNumber query parameter");
  }
  const header = meetsIfRange(request, version) ? request.header("range") : undefined;
  return resolveRange(header, version.size);
}

/** The bytes that one part of a multipart upload brought; any other object is one part. */
function partRange(part: string, version: ObjectVersion): RangeOutcome {
  if (!/^[1-9]\d{0,4}$/.test(part)) throw new S3Error("InvalidArgument", "partNumber is not a number.");
  const number = Number(part);
  const parts = partCount(version) === undefined ? [{ bytes: version.size }] : version.segments;
  const segment = parts[number - 1];
  if (segment === undefined) throw new S3Error("InvalidPartNumber");
  if (segment.bytes === 0) return "whole";
  const first = parts.slice(0, number - 1).reduce((sum, { bytes }) => sum + bytes, 0);
  return { first, last: first + segment.bytes - 1 };
}

function partsCount({ request }: S3Call, version: ObjectVersion): Record<string, number> {
  const count = partCount(version);
  return request.query.has("partNumber") && count !== undefined ? { "x-amz-mp-parts-count": count } : {};
}

/** A client would compare the whole object's checksum with that of the range. */
function dropChecksum(headers: Record<string, unknown>): void {
  for (const name of Object.keys(headers)) if (name.startsWith("x-amz-checksum-")) delete headers[name];
}
