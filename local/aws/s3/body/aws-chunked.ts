import { createHash, type Hash } from "node:crypto";
import { S3Error } from "../s3-error.ts";

/** Verifies the signatures within a signed body, each over the one before. */
export type ChunkSignatures = {
  verifyChunk(sha256: string, signature: string): void;
  /** `trailers` as `name:value\n` each. */
  verifyTrailers(trailers: string, signature: string): void;
};

const CRLF = Buffer.from("\r\n");
const LONGEST_LINE = 8192;

/**
 * Decodes `Content-Encoding: aws-chunked`: chunks with or without signatures, then trailing headers.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 *
 * What is yielded is verified only once the generator ends: its consumer must not publish before.
 *
 * @param signatures absent for `STREAMING-UNSIGNED-PAYLOAD-TRAILER`.
 * @returns the trailing headers, by lower-case name.
 * @throws {S3Error} `IncompleteBody`, `InvalidRequest`, `SignatureDoesNotMatch`
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  signatures?: ChunkSignatures,
): AsyncGenerator<Buffer, Map<string, string>> {
  const input = new ByteReader(source);
  for (;;) {
    const { size, signature } = parseChunkHeader(await input.line());
    const hash = signatures === undefined ? undefined : createHash("sha256");
    yield* readChunk(input, size, hash);
    if (signatures !== undefined) {
      if (signature === undefined || hash === undefined) throw new S3Error("SignatureDoesNotMatch");
      signatures.verifyChunk(hash.digest("hex"), signature);
    }
    if (size === 0) return await readTrailers(input, signatures);
    if ((await input.line()) !== "")
      throw new S3Error("InvalidRequest", "a chunk does not end where it says");
  }
}

async function* readChunk(input: ByteReader, size: number, hash: Hash | undefined): AsyncGenerator<Buffer> {
  for (let left = size; left > 0; ) {
    const piece = await input.atMost(left);
    left -= piece.length;
    hash?.update(piece);
    yield piece;
  }
}

function parseChunkHeader(line: string): { size: number; signature: string | undefined } {
  const [, size, signature] = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line) ?? [];
  if (size === undefined) throw new S3Error("InvalidRequest", "a chunk's header is malformed");
  return { size: Number.parseInt(size, 16), signature };
}

async function readTrailers(
  input: ByteReader,
  signatures: ChunkSignatures | undefined,
): Promise<Map<string, string>> {
  const trailers = new Map<string, string>();
  for (let line = await input.trailerLine(); line !== ""; line = await input.trailerLine()) {
    const colon = line.indexOf(":");
    if (colon < 1) throw new S3Error("MalformedTrailerError");
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const signature = trailers.get("x-amz-trailer-signature");
  trailers.delete("x-amz-trailer-signature");
  if (signatures !== undefined && trailers.size > 0) {
    const text = [...trailers].map(([name, value]) => `${name}:${value}\n`).join("");
    signatures.verifyTrailers(text, signature ?? "");
  }
  return trailers;
}

/** Lines and runs of bytes out of a stream of pieces, without copying what is not split. */
class ByteReader {
  private readonly source: AsyncIterator<Buffer>;
  private buffered: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** Up to CRLF, which is dropped. */
  async line(): Promise<string> {
    return (await this.lineOrEnd()) ?? incomplete();
  }

  /** Some clients leave out the empty line after the last trailer. */
  async trailerLine(): Promise<string> {
    return (await this.lineOrEnd()) ?? "";
  }

  private async lineOrEnd(): Promise<string | undefined> {
    for (;;) {
      const end = this.buffered.indexOf(CRLF);
      if (end >= 0) {
        const line = this.buffered.toString("latin1", 0, end);
        this.buffered = this.buffered.subarray(end + CRLF.length);
        return line;
      }
      if (this.buffered.length > LONGEST_LINE) throw new S3Error("InvalidRequest", "a line is too long");
      if (!(await this.more())) return this.buffered.length === 0 ? undefined : incomplete();
    }
  }

  /** At least one byte. */
  async atMost(count: number): Promise<Buffer> {
    if (this.buffered.length === 0 && !(await this.more())) incomplete();
    const piece = this.buffered.subarray(0, count);
    this.buffered = this.buffered.subarray(piece.length);
    return piece;
  }

  private async more(): Promise<boolean> {
    const next = await this.source.next();
    if (next.done === true) return false;
    this.buffered = this.buffered.length === 0 ? next.value : Buffer.concat([this.buffered, next.value]);
    return true;
  }
}

function incomplete(): never {
  throw new S3Error("IncompleteBody");
}
