import type { IncomingMessage } from "node:http";
import { signatureOf } from "../../sigv4/signing-key.ts";
import { chunkStringToSign, trailerStringToSign } from "../../sigv4/string-to-sign.ts";
import type { VerifiedRequest } from "../../sigv4/verify.ts";
import { equalInConstantTime } from "../../sigv4/verify.ts";
import type { S3Request } from "../http/s3-request.ts";
import { S3Error } from "../s3-error.ts";
import { type ChunkSignatures, decodeAwsChunked } from "./aws-chunked.ts";

/** The body of a request with its transfer framing taken off. It can be read once. */
export type RequestBody = {
  /** @throws {S3Error} while it is read, if the framing or a chunk's signature is wrong. */
  read(): AsyncIterable<Buffer>;
  /** Bytes that the payload should have, as the headers say; undefined where they do not. */
  declaredLength: number | undefined;
  /** Hex SHA-256 that the payload should have, where the request's signature covers it. */
  sha256: string | undefined;
  /** Headers that followed the payload; complete once it was read. */
  trailers: ReadonlyMap<string, string>;
  /** Payload bytes read so far. */
  bytesRead(): number;
  /** Lets go of the connection, whether the body was read to its end or not. */
  release(): Promise<void>;
};

/**
 * @param verified undefined where the request's head is not signed, as of a form.
 * @throws {S3Error} for a framing that is not known.
 */
export function openBody(
  incoming: IncomingMessage,
  request: S3Request,
  verified: VerifiedRequest | undefined,
  sendContinue: () => void,
): RequestBody {
  const payload = verified?.payloadHash ?? "UNSIGNED-PAYLOAD";
  const chunked = payload.startsWith("STREAMING-");
  const trailers = new Map<string, string>();
  const source = abortable(incoming);
  let bytes = 0;
  return {
    declaredLength: declaredLength(request, chunked),
    sha256: /^[0-9a-f]{64}$/.test(payload) ? payload : undefined,
    trailers,
    bytesRead: () => bytes,
    release: async () => void (await source.return(undefined)),
    async *read() {
      sendContinue();
      const pieces = chunked
        ? decodeAwsChunked(source, chunkSignatures(payload, verified))
        : unframed(source);
      for (let next = await pieces.next(); ; next = await pieces.next()) {
        if (next.done === true) {
          for (const [name, value] of next.value) trailers.set(name, value);
          return;
        }
        bytes += next.value.length;
        yield next.value;
      }
    },
  };
}

/** A client that goes away in the middle. */
export class ClientGone extends Error {
  override name = "ClientGone" as const;
}

async function* abortable(incoming: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    // Not destroyed at the end: what is left must be drained before the reply, or the client may never see the reply.
    for await (const piece of incoming.iterator({ destroyOnReturn: false })) yield piece;
  } catch (cause) {
    throw new ClientGone("the client closed the connection", { cause });
  }
}

async function* unframed(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, Map<string, string>> {
  yield* source;
  return new Map();
}

function declaredLength(request: S3Request, chunked: boolean): number | undefined {
  const text = request.header(chunked ? "x-amz-decoded-content-length" : "content-length");
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new S3Error("InvalidArgument", "The length is not a number.");
  return Number(text);
}

function chunkSignatures(
  payload: string,
  verified: VerifiedRequest | undefined,
): ChunkSignatures | undefined {
  if (payload === "STREAMING-UNSIGNED-PAYLOAD-TRAILER") return undefined;
  const signed =
    payload === "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" ||
    payload === "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
  if (!signed || verified === undefined) {
    throw new S3Error("NotImplemented", `${payload} is not implemented by the local S3.`);
  }
  const { claim, signingKey } = verified;
  let previous = claim.signature;
  const check = (stringToSign: string, signature: string) => {
    if (!equalInConstantTime(signatureOf(signingKey, stringToSign), signature)) {
      throw new S3Error("SignatureDoesNotMatch");
    }
    previous = signature;
  };
  return {
    verifyChunk: (sha256, signature) =>
      check(chunkStringToSign(claim.amzDate, claim.scope, previous, sha256), signature),
    verifyTrailers: (trailers, signature) =>
      check(trailerStringToSign(claim.amzDate, claim.scope, previous, trailers), signature),
  };
}
