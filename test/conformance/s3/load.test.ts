import { createHash, randomBytes } from "node:crypto";
import http from "node:http";
import https from "node:https";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { expect, test } from "vitest";
import { bytesOf, describeS3 } from "./support/describe-s3.ts";
import { errorOf } from "./support/error-of.ts";

const MIB = 1024 * 1024;
/** `S3_TEST_FULL=1` is for a machine that has nothing else to do. */
const full = process.env.S3_TEST_FULL === "1";
const LARGE_BYTES = (full ? 100 : 16) * MIB;
const ROUNDS = full ? 20 : 2;

describeS3("load", (s3) => {
  test("a large stream, there and back", async () => {
    const bytes = randomBytes(LARGE_BYTES);
    async function* pieces() {
      for (let at = 0; at < bytes.length; at += MIB) yield bytes.subarray(at, at + MIB);
    }
    await s3.put("large", Readable.from(pieces()), { ContentLength: bytes.length });
    const hash = createHash("sha256");
    const { Body } = await s3.get("large");
    if (!(Body instanceof Readable)) throw new Error("the body is no stream");
    for await (const piece of Body) hash.update(piece);
    expect(hash.digest("hex")).toBe(createHash("sha256").update(bytes).digest("hex"));
  });

  test("a large presigned PUT", async () => {
    const body = randomBytes(LARGE_BYTES);
    const plain = s3.connect({ requestChecksumCalculation: "WHEN_REQUIRED" });
    const url = await getSignedUrl(plain, new PutObjectCommand({ Bucket: s3.bucket, Key: "plain" }));
    const headers = { "content-length": body.length, expect: "100-continue" };
    expect((await s3.http(url, { method: "PUT", body, headers })).status).toBe(200);
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: s3.bucket, Key: "plain" }));
    expect(head.ContentLength).toBe(body.length);
    const end = await s3.bytes("plain", { Range: "bytes=-10" });
    expect(end.equals(body.subarray(-10))).toBe(true);
  });

  test("64 clients at once", async () => {
    const client = async (_: unknown, index: number) => {
      for (let round = 0; round < ROUNDS; round++) {
        const bytes = randomBytes(65_536);
        const key = `clients/${index}/${round}`;
        await s3.put(key, bytes);
        expect((await s3.bytes(key)).equals(bytes)).toBe(true);
        const range = await s3.bytes(key, { Range: "bytes=100-199" });
        expect(range.equals(bytes.subarray(100, 200))).toBe(true);
      }
    };
    await Promise.all(Array.from({ length: 64 }, client));
  });

  test("64 writers of one key: no read is torn", async () => {
    const bodyOf = (value: number) => Buffer.alloc(200_000, value % 251);
    await s3.put("torn", bodyOf(0));
    let writing = true;
    const reader = async () => {
      while (writing) {
        const got = await s3.get("torn");
        const bytes = await bytesOf(got);
        expect(bytes).toHaveLength(200_000);
        expect(got.ETag).toBe(`"${createHash("md5").update(bytes).digest("hex")}"`);
        expect(bytes.equals(bodyOf(bytes[0] ?? 0))).toBe(true);
      }
    };
    const readers = Promise.all(Array.from({ length: 16 }, reader));
    const writer = async (_: unknown, index: number) => {
      for (let round = 0; round < ROUNDS; round++) await s3.put("torn", bodyOf(index * ROUNDS + round));
    };
    await Promise.all(Array.from({ length: 64 }, writer)).finally(() => {
      writing = false;
    });
    await readers;
  });

  test("an upload that breaks off leaves nothing", async () => {
    const plain = s3.connect({ requestChecksumCalculation: "WHEN_REQUIRED" });
    const url = await getSignedUrl(plain, new PutObjectCommand({ Bucket: s3.bucket, Key: "broken" }));
    const send = url.startsWith("https:") ? https.request : http.request;
    const request = send(url, { method: "PUT", ca: s3.target.ca, headers: { "content-length": 1_000_000 } });
    const gone = new Promise((resolve) => request.on("error", resolve).on("close", resolve));
    await new Promise((resolve) => request.write(Buffer.alloc(300_000), resolve));
    request.destroy();
    await gone;
    await sleep(300);
    expect((await errorOf(s3.get("broken"))).status).toBe(404);
  });
});
