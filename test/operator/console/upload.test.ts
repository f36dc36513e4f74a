import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { digestFile } from "../../../operator/cloud/files/digest-file.ts";
import { openFilesBucket } from "../../../operator/cloud/files/files-bucket.ts";
import { readLocalDeployment } from "../../../operator/cloud/local-deployment.ts";
import { type ConsoleUnderTest, headersOf, startConsoleUnderTest } from "./support/console-under-test.ts";

const MIB = 1024 ** 2;

let under: ConsoleUnderTest;
beforeAll(async () => {
  under = await startConsoleUnderTest();
}, 60_000);
afterAll(() => under.stop());
beforeEach(() => {
  under.services.observations.length = 0;
  under.services.faults.s3 = undefined;
});

const operations = () => under.services.observations.map(({ operation }) => operation);

/** A request whose body is written by hand. */
function put(key: string, bytes: number) {
  const { port } = new URL(under.origin);
  const headers = { ...headersOf(under.origin, under.token), "content-length": bytes };
  const sent = request({ host: "127.0.0.1", port, method: "PUT", path: `/api/upload?key=${key}`, headers });
  sent.on("error", () => undefined); // a request that is broken off
  return sent;
}

test("a large file goes to S3 in parts as it comes, and is whole there", async () => {
  const piece = randomBytes(MIB);
  const sent = put("large.bin", 40 * MIB);
  const hash = createHash("sha256");
  let took = 0;
  for (let at = 0; at < 40; at += 1) {
    hash.update(piece);
    if (!sent.write(piece)) await once(sent, "drain");
    if (at === 30) took = operations().filter((operation) => operation === "UploadPart").length;
  }
  sent.end();
  const [response] = await once(sent, "response");
  response.resume();
  expect(response.statusCode).toBe(200);
  expect(took).toBeGreaterThan(0); // S3 has some of it before the browser has sent the rest
  using bucket = openFilesBucket(await readLocalDeployment(under.services.folder));
  const { etag } = JSON.parse((await under.services.cli(["ls", "large.bin", "--json"])).out).files[0];
  const digest = await digestFile(bucket, { key: "large.bin", etag }, new AbortController().signal);
  expect(digest).toBe(hash.digest("base64url"));
});

test("what is broken off becomes no object, and leaves no parts", async () => {
  const sent = put("broken.bin", 40 * MIB);
  for (let at = 0; at < 20; at += 1) if (!sent.write(randomBytes(MIB))) await once(sent, "drain");
  await expect.poll(operations).toContain("UploadPart");
  sent.destroy();
  await expect.poll(operations).toContain("AbortMultipartUpload");
  expect(operations()).not.toContain("CompleteMultipartUpload");
  expect((await under.services.cli(["ls", "broken.bin", "--json"])).out).not.toContain("broken.bin");
});

test("so it is with a small one, of which S3 has heard nothing yet", async () => {
  const sent = put("small.txt", 10);
  sent.write("five.");
  await new Promise((resolve) => setImmediate(resolve));
  sent.destroy();
  const whole = await under.ask("PUT", "/api/upload?key=after.txt", {
    body: "after",
    headers: { "content-length": 5 },
  });
  expect(whole.status).toBe(200);
  expect((await under.services.cli(["ls", "--json"])).out).not.toContain("small.txt");
});

test("a file that no device could get is refused before S3 has any of it", async () => {
  for (const key of ["devices/nobody/a", "../up", "fleets/dev:1/a"]) {
    const path = `/api/upload?key=${encodeURIComponent(key)}`;
    const { status, text } = await under.ask("PUT", path, { body: "x", headers: { "content-length": 1 } });
    expect({ status, problem: JSON.parse(text).problem }).toEqual({
      status: 400,
      problem: expect.stringContaining("no device could get"),
    });
  }
  const chunked = await under.ask("PUT", "/api/upload?key=a", {
    body: "x",
    headers: { "transfer-encoding": "chunked" },
  });
  expect(chunked.status).toBe(400);
  expect(operations()).not.toContain("PutObject");
});

test("where S3 fails, the browser reads why once it has sent all", async () => {
  under.services.faults.s3 = ({ operation }) =>
    operation === "PutObject" ? { fail: "AccessDenied" } : undefined;
  const body = "x".repeat(MIB);
  const headers = { "content-length": body.length };
  const { status, text } = await under.ask("PUT", "/api/upload?key=denied.txt", { body, headers });
  expect({ status, problem: JSON.parse(text).problem }).toEqual({
    status: 502,
    problem: expect.stringContaining("AWS does not allow it"),
  });
});

test("so it does where S3 fails in the middle of a large one, of which nothing is left", async () => {
  under.services.faults.s3 = ({ operation }) =>
    operation === "UploadPart" ? { fail: "AccessDenied" } : undefined;
  const sent = put("denied.bin", 40 * MIB);
  const answered = once(sent, "response");
  for (let at = 0; at < 40; at += 1) if (!sent.write(randomBytes(MIB))) await once(sent, "drain");
  sent.end();
  const [response] = await answered;
  let text = "";
  for await (const piece of response) text += piece;
  expect({ status: response.statusCode, problem: JSON.parse(text).problem }).toEqual({
    status: 502,
    problem: expect.stringContaining("AWS does not allow it"),
  });
  expect(operations()).toContain("AbortMultipartUpload");
});

test("a plan says what would happen, and changes nothing", async () => {
  const files = [
    { path: "app/main.py", bytes: 10 },
    { path: "app/.git/config", bytes: 5 },
  ];
  const plan = async (request: object) =>
    JSON.parse((await under.ask("POST", "/api/plan", { body: JSON.stringify(request) })).text);
  expect(await plan({ to: "", folder: "", files })).toMatchObject({
    uploads: [{ path: "app/main.py", key: "app/main.py", bytes: 10 }],
    left: [{ path: "app/.git/config" }],
    refused: [],
    target: "dev:864475046552567",
    devices: 1,
  });
  expect(await plan({ to: "dev:1", folder: "/deep/", files })).toMatchObject({
    uploads: [{ key: "devices/dev:1/deep/app/main.py" }],
    target: "dev:1",
  });
  expect(
    await plan({
      to: "",
      folder: "",
      files: [
        { path: "a\u0000", bytes: 1 },
        { path: "b", bytes: 6e9 },
      ],
    }),
  ).toMatchObject({
    uploads: [],
    refused: [{ path: "a\u0000" }, { path: "b" }],
  });
  await under.ask("PUT", "/api/upload?key=known.txt", { body: "12345", headers: { "content-length": 5 } });
  under.services.observations.length = 0;
  expect(await plan({ to: "", folder: "", files: [{ path: "known.txt", bytes: 7 }] })).toMatchObject({
    uploads: [{ key: "known.txt", replaces: { bytes: 5, at: expect.any(Number) } }],
  });
  expect(operations()).toEqual(["HeadObject"]);
});
