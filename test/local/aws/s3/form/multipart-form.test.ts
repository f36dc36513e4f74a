import fc from "fast-check";
import { expect, test } from "vitest";
import { readForm } from "../../../../../local/aws/s3/form/multipart-form.ts";
import { S3Error } from "../../../../../local/aws/s3/s3-error.ts";
import { cut } from "../support/cut.ts";

async function read(contentType: string, bytes: Buffer, lengths: readonly number[] = []) {
  const { fields, file } = await readForm(contentType, cut(bytes, lengths));
  const pieces: Buffer[] = [];
  for await (const piece of file.bytes) pieces.push(piece);
  return { fields: Object.fromEntries(fields), file: { ...file, bytes: Buffer.concat(pieces) } };
}

const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 20 });

test("a form as the platform encodes it, wherever the network cuts it", async () => {
  // Line ends in values are normalised by the encoder, so none are given to it.
  const value = fc.string({ maxLength: 20 }).filter((text) => !/[\r\n]/.test(text));
  await fc.assert(
    fc.asyncProperty(value, fc.uint8Array({ maxLength: 200 }), cuts, async (text, bytes, lengths) => {
      const form = new FormData();
      form.append("Key", text);
      form.append("file", new Blob([bytes], { type: "text/plain" }), "my file.txt");
      const encoded = new Response(form);
      const body = Buffer.from(await encoded.arrayBuffer());
      expect(await read(encoded.headers.get("content-type") ?? "", body, lengths)).toEqual({
        fields: { key: text },
        file: { name: "my file.txt", contentType: "text/plain", bytes: Buffer.from(bytes) },
      });
    }),
  );
});

const TYPE = "multipart/form-data; boundary=b";
const FIELD = '--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n';
const FILE = '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nbytes';

test("what follows the file is dropped", async () => {
  const { file } = await read(TYPE, Buffer.from(`${FILE}\r\n${FIELD}late\r\n--b--\r\n`));
  expect(file.bytes.toString()).toBe("bytes");
});

test.each([
  ["multipart/form-data", FILE, "MalformedPOSTRequest"],
  [TYPE, "", "MalformedPOSTRequest"],
  [TYPE, "preamble", "MalformedPOSTRequest"],
  [TYPE, FILE, "MalformedPOSTRequest"],
  [TYPE, `${FIELD}v\r\n--b--\r\n`, "InvalidArgument"],
  [TYPE, "--b\r\nNo-Disposition: x\r\n\r\nv\r\n--b--", "MalformedPOSTRequest"],
  [TYPE, `${FIELD}${"x".repeat(1_100_000)}\r\n${FILE}\r\n--b--`, "MaxPostPreDataLengthExceededError"],
])("%j with %.30j: refused", async (contentType, body, code) => {
  await expect(read(contentType, Buffer.from(body))).rejects.toMatchObject({ code });
});

test("random bytes are read or refused, never anything else", async () => {
  const piece = fc.constantFrom("--b", "--", "\r\n", FIELD, FILE, 'name="x"', "a", "\r", '"', ";");
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: piece, maxLength: 12 }), cuts, async (body, lengths) => {
      const outcome = await read(TYPE, Buffer.from(body), lengths).catch((error: unknown) => error);
      expect(outcome instanceof Error ? outcome instanceof S3Error : true).toBe(true);
    }),
    { numRuns: 500 },
  );
});
