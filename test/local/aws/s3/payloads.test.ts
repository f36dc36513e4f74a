import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { httpRequest } from "../../../conformance/s3/support/http-request.ts";
import { sdkSigner } from "../sigv4/support/sdk-signer.ts";
import { dataFolder, FILES, openS3, ROOT } from "./support/local-s3.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Sends a PUT whose head is signed for a payload, with whatever body. */
async function put(headers: Record<string, string>, body: string) {
  const server = await openS3(await dataFolder());
  server.provisionBucket(FILES);
  const host = `localhost:${server.port}`;
  const { headers: signed } = await sdkSigner("s3", "us-east-1", ROOT).sign({
    method: "PUT",
    protocol: "http:",
    hostname: "localhost",
    path: "/files/object",
    headers: { host, ...headers },
  });
  const length = { "content-length": Buffer.byteLength(body) };
  const url = `http://${host}/files/object`;
  const reply = await httpRequest(url, { method: "PUT", headers: { ...signed, ...length }, body });
  return /<Code>(.*)<\/Code>/.exec(reply.body.toString())?.[1] ?? reply.status;
}

test("a payload must be what the signed hash says", async () => {
  expect(await put({ "x-amz-content-sha256": sha256("bytes") }, "bytes")).toBe(200);
  expect(await put({ "x-amz-content-sha256": sha256("bytes") }, "other")).toBe("XAmzContentSHA256Mismatch");
});

const CHUNKED = {
  "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
  "x-amz-decoded-content-length": "5",
  "x-amz-trailer": "x-amz-checksum-crc32",
};
const CHUNKS = "5\r\nbytes\r\n0\r\nx-amz-checksum-crc32:sZlDzg==\r\n\r\n";

test("a chunked payload must be as long, and have the checksum, that it says", async () => {
  expect(await put(CHUNKED, CHUNKS)).toBe(200);
  expect(await put({ ...CHUNKED, "x-amz-decoded-content-length": "6" }, CHUNKS)).toBe("IncompleteBody");
  expect(await put(CHUNKED, CHUNKS.replace("sZlDzg==", "AAAAAA=="))).toBe("BadDigest");
  expect(await put(CHUNKED, "5\r\nbytes\r\n0\r\n\r\n")).toBe("MalformedTrailerError");
});

test.each([
  [{ ...CHUNKED, "x-amz-content-sha256": "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD" }, "NotImplemented"],
  [{ ...CHUNKED, "x-amz-trailer": "x-amz-checksum-md5" }, "InvalidRequest"],
  [
    {
      "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
      "x-amz-checksum-crc32": "AAAA",
      "x-amz-checksum-sha1": "AAAA",
    },
    "InvalidRequest",
  ],
  [{ "x-amz-content-sha256": "UNSIGNED-PAYLOAD", "content-md5": "short" }, "InvalidDigest"],
  [
    { "x-amz-content-sha256": "UNSIGNED-PAYLOAD", "x-amz-server-side-encryption": "aws:kms" },
    "NotImplemented",
  ],
  [{ "x-amz-content-sha256": "UNSIGNED-PAYLOAD", "x-amz-meta-long": "x".repeat(2100) }, "MetadataTooLarge"],
  [{ "x-amz-content-sha256": "UNSIGNED-PAYLOAD", "x-amz-tagging": "a=1&a=2" }, "InvalidTag"],
])("%j is refused with %s", async (headers, code) => {
  expect(await put(headers, CHUNKS)).toBe(code);
});
