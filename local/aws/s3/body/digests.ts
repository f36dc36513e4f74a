import { createHash } from "node:crypto";
import type { S3Request } from "../http/s3-request.ts";
import { S3Error } from "../s3-error.ts";
import {
  CHECKSUM_ALGORITHMS,
  type Checksum,
  type ChecksumAlgorithm,
  checksumHeader,
  createChecksum,
  DEFAULT_ALGORITHM,
  parseAlgorithm,
} from "./checksum.ts";
import type { RequestBody } from "./request-body.ts";

/** The digests of a payload that was read whole. */
export type Digests = {
  bytes: number;
  md5: Buffer;
  /** The checksum to keep. */
  checksum: Checksum;
  /** The checksum that the client gave, as it was computed here. */
  verified: Checksum | undefined;
};

export type Digester = {
  update(piece: Buffer): void;
  /**
   * @throws {S3Error} if the payload is not what its headers or trailers say.
   */
  finish(): Digests;
};

/**
 * Computes the digests of a payload and compares each that the client gave.
 *
 * @param body undefined where no head describes the payload: a part that is copied, the file of a form.
 * @param kept the checksum to compute even if the client gives another; absent: that one is enough.
 * @throws {S3Error} for a digest that is malformed.
 */
export function createDigester(
  request: Pick<S3Request, "header">,
  body: RequestBody | undefined,
  kept?: ChecksumAlgorithm,
): Digester {
  const trailing = trailingAlgorithm(request);
  const given = givenAlgorithm(request);
  const keep = kept ?? given ?? DEFAULT_ALGORITHM;
  const contentMd5 = request.header("content-md5");
  if (contentMd5 !== undefined && !/^[0-9A-Za-z+/]{22}==$/.test(contentMd5))
    throw new S3Error("InvalidDigest");

  const md5 = createHash("md5");
  const sha256 = body?.sha256 === undefined ? undefined : createHash("sha256");
  const keptChecksum = createChecksum(keep);
  const givenChecksum = given === undefined || given === keep ? keptChecksum : createChecksum(given);
  let bytes = 0;
  return {
    update(piece) {
      bytes += piece.length;
      md5.update(piece);
      sha256?.update(piece);
      keptChecksum.update(piece);
      if (givenChecksum !== keptChecksum) givenChecksum.update(piece);
    },
    finish() {
      if (body?.declaredLength !== undefined && bytes !== body.declaredLength) {
        throw new S3Error("IncompleteBody");
      }
      if (sha256 !== undefined && sha256.digest("hex") !== body?.sha256) {
        throw new S3Error("XAmzContentSHA256Mismatch");
      }
      const md5Digest = md5.digest();
      if (contentMd5 !== undefined && md5Digest.toString("base64") !== contentMd5) {
        throw new S3Error("BadDigest", "The Content-MD5 you specified did not match what we received.");
      }
      const checksum = wholeChecksum(keep, keptChecksum.digest());
      if (given === undefined) return { bytes, md5: md5Digest, checksum, verified: undefined };
      const verified = given === keep ? checksum : wholeChecksum(given, givenChecksum.digest());
      compare(verified, request, body, trailing !== undefined);
      return { bytes, md5: md5Digest, checksum, verified };
    },
  };
}

/**
 * The algorithm of the checksum that a client gives of its payload, in a header or a trailer, if it gives one.
 *
 * @throws {S3Error} `InvalidRequest`
 */
export function givenAlgorithm(request: Pick<S3Request, "header">): ChecksumAlgorithm | undefined {
  return trailingAlgorithm(request) ?? headerAlgorithm(request);
}

function wholeChecksum(algorithm: ChecksumAlgorithm, digest: Buffer): Checksum {
  return { algorithm, type: "FULL_OBJECT", value: digest.toString("base64") };
}

function compare(
  { algorithm, value }: Checksum,
  request: Pick<S3Request, "header">,
  body: RequestBody | undefined,
  trailing: boolean,
): void {
  const header = checksumHeader(algorithm);
  const claimed = trailing ? body?.trailers.get(header) : request.header(header);
  if (trailing && claimed === undefined) throw new S3Error("MalformedTrailerError");
  if (claimed !== undefined && claimed !== value) {
    throw new S3Error("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
  }
}

function trailingAlgorithm(request: Pick<S3Request, "header">): ChecksumAlgorithm | undefined {
  const trailer = request.header("x-amz-trailer")?.trim().toLowerCase();
  if (trailer === undefined || trailer === "") return undefined;
  const algorithm = CHECKSUM_ALGORITHMS.find((each) => checksumHeader(each) === trailer);
  if (algorithm === undefined)
    throw new S3Error("InvalidRequest", "The value of x-amz-trailer is not valid.");
  return algorithm;
}

function headerAlgorithm(request: Pick<S3Request, "header">): ChecksumAlgorithm | undefined {
  const given = CHECKSUM_ALGORITHMS.filter((each) => request.header(checksumHeader(each)) !== undefined);
  if (given.length > 1) throw new S3Error("InvalidRequest", "Expecting a single x-amz-checksum- header.");
  const [algorithm] = given;
  if (algorithm !== undefined) return algorithm;
  const named = request.header("x-amz-sdk-checksum-algorithm");
  return named === undefined ? undefined : parseAlgorithm(named);
}
