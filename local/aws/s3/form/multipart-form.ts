import { S3Error } from "../s3-error.ts";

/** A form as a browser posts it: its fields by lower-case name, and a file after them, still to be read. */
export type MultipartForm = {
  fields: ReadonlyMap<string, string>;
  file: { name: string; contentType: string | undefined; bytes: AsyncIterable<Buffer> };
};

const MOST_FIELD_BYTES = 1024 * 1024;
const MOST_HEADER_BYTES = 64 * 1024;
const CRLF = Buffer.from("\r\n");

/**
 * Reads `multipart/form-data` (RFC 7578) up to the field `file`, which S3 requires to be the last that matters.
 *
 * @throws {S3Error} `MalformedPOSTRequest`, `MaxPostPreDataLengthExceededError`, and `InvalidArgument` without a file.
 */
export async function readForm(contentType: string, body: AsyncIterable<Buffer>): Promise<MultipartForm> {
  const [, quoted, plain] = /boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw new S3Error("MalformedPOSTRequest");
  const input = new Scanner(body);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const fields = new Map<string, string>();
  let bytes = 0;
  await input.until(delimiter, 0); // S3 takes no preamble before the first one
  for (;;) {
    const ending = await input.take(CRLF.length);
    if (ending.equals(Buffer.from("--"))) {
      throw new S3Error("InvalidArgument", "POST requires exactly one file upload per request.");
    }
    if (!ending.equals(CRLF)) throw new S3Error("MalformedPOSTRequest");
    const header = parsePartHeader(
      (await input.until(Buffer.from("\r\n\r\n"), MOST_HEADER_BYTES)).toString(),
    );
    if (header.name === "file") {
      const { fileName, contentType } = header;
      return { fields, file: { name: fileName, contentType, bytes: input.rest(delimiter) } };
    }
    const value = await input.until(delimiter, MOST_FIELD_BYTES - bytes);
    bytes += value.length;
    fields.set(header.name, value.toString("utf8"));
  }
}

function parsePartHeader(text: string): { name: string; fileName: string; contentType: string | undefined } {
  const disposition = /^content-disposition:(.*)$/im.exec(text)?.[1] ?? "";
  const name = /[;\s]name="([^"]*)"/i.exec(disposition)?.[1];
  if (name === undefined) throw new S3Error("MalformedPOSTRequest");
  return {
    name: name.toLowerCase(),
    fileName: /[;\s]filename="([^"]*)"/i.exec(disposition)?.[1] ?? "",
    contentType: /^content-type:\s*([^\r\n]+)/im.exec(text)?.[1],
  };
}

/** Runs of bytes up to a delimiter, which may be split over any number of pieces. */
class Scanner {
  private readonly source: AsyncIterator<Buffer>;
  private buffered: Buffer = CRLF; // so that the first delimiter is like all others

  constructor(source: AsyncIterable<Buffer>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** What comes before the delimiter, which is dropped. */
  async until(delimiter: Buffer, mostBytes: number): Promise<Buffer> {
    for (;;) {
      const end = this.buffered.indexOf(delimiter);
      if (end > mostBytes || (end < 0 && this.buffered.length > mostBytes + delimiter.length)) {
        throw new S3Error(mostBytes === 0 ? "MalformedPOSTRequest" : "MaxPostPreDataLengthExceededError");
      }
      if (end >= 0) {
        const found = this.buffered.subarray(0, end);
        this.buffered = this.buffered.subarray(end + delimiter.length);
        return found;
      }
      await this.more();
    }
  }

  async take(count: number): Promise<Buffer> {
    while (this.buffered.length < count) await this.more();
    const taken = this.buffered.subarray(0, count);
    this.buffered = this.buffered.subarray(count);
    return taken;
  }

  /** The bytes before the delimiter as they come; what follows it is read and dropped. */
  async *rest(delimiter: Buffer): AsyncGenerator<Buffer> {
    let end = this.buffered.indexOf(delimiter);
    while (end < 0) {
      const sure = Math.max(0, this.buffered.length - delimiter.length + 1); // the delimiter may begin right after them
      if (sure > 0) yield this.buffered.subarray(0, sure);
      this.buffered = this.buffered.subarray(sure);
      await this.more();
      end = this.buffered.indexOf(delimiter);
    }
    if (end > 0) yield this.buffered.subarray(0, end);
    for (let next = await this.source.next(); next.done !== true; next = await this.source.next());
  }

  private async more(): Promise<void> {
    const next = await this.source.next();
    if (next.done === true) throw new S3Error("MalformedPOSTRequest");
    this.buffered = Buffer.concat([this.buffered, next.value]);
  }
}
