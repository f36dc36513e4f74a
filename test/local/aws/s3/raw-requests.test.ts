import { readdir } from "node:fs/promises";
import path from "node:path";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import fc from "fast-check";
import { expect, test } from "vitest";
import { connect, dataFolder, FILES, openS3 } from "./support/local-s3.ts";
import { rawConnection } from "./support/raw-connection.ts";

const at = { Bucket: "files", Key: "object" };

async function open() {
  const dataDir = await dataFolder();
  const server = await openS3(path.join(dataDir, "s3"));
  server.provisionBucket(FILES);
  const client = connect(server);
  const pathOf = async (url: Promise<string>) => (await url).slice(server.endpoint.length);
  return {
    dataDir,
    client,
    host: server.endpoint.slice("http://".length),
    connection: () => rawConnection(server.port),
    getPath: () => pathOf(getSignedUrl(client, new GetObjectCommand(at))),
    putPath: () => pathOf(getSignedUrl(client, new PutObjectCommand(at))),
  };
}

test("a head that comes byte by byte", async () => {
  const { client, connection, getPath, host } = await open();
  await client.send(new PutObjectCommand({ ...at, Body: "bytes" }));
  const raw = await connection();
  for (const character of `GET ${await getPath()} HTTP/1.1\r\nHost: ${host}\r\n\r\n`) {
    raw.write(character);
    await new Promise(setImmediate);
  }
  expect(await raw.until(/bytes$/)).toMatch(/^HTTP\/1\.1 200 OK/);
});

test("several requests on one connection, one of them refused with its body unread", async () => {
  const { connection, putPath, getPath, host } = await open();
  const put = await putPath();
  const raw = await connection();
  const body = "x".repeat(100_000);
  raw.write(
    `PUT ${put.replace("Signature=", "Signature=0")} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100000\r\n\r\n${body}`,
  );
  expect(await raw.until(/<\/Error>$/)).toContain("SignatureDoesNotMatch");
  raw.write(`PUT ${put} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\n\r\nbytes`);
  await raw.until(/200 OK/);
  raw.write(`GET ${await getPath()} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  expect(await raw.until(/\r\n\r\nbytes$/)).toMatch(/403 Forbidden.*200 OK.*200 OK/s);
});

test("a connection goes on after a request that was refused in the middle of its body", async () => {
  const { client, connection, getPath, host } = await open();
  await client.send(new PutObjectCommand({ ...at, Body: "bytes" }));
  const raw = await connection();
  const form = '--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n';
  const head = `POST /files HTTP/1.1\r\nHost: ${host}\r\nContent-Type: multipart/form-data; boundary=b\r\n`;
  raw.write(`${head}Content-Length: ${form.length + 200_000}\r\n\r\n${form}${"x".repeat(200_000)}`);
  expect(await raw.until(/<\/Error>$/)).toContain("<Code>AccessDenied</Code>");
  raw.write(`GET ${await getPath()} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  expect(await raw.until(/\r\n\r\nbytes$/)).toMatch(/200 OK/);
});

test("what is refused is read to its end, so that the client sees why, but not for ever", async () => {
  const { connection, host } = await open();
  const raw = await connection();
  raw.write(`PUT /files/object HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000000000\r\n\r\n`);
  const piece = Buffer.alloc(1_000_000);
  for (let sent = 0; sent < 80; sent++) raw.write(piece);
  expect(await raw.until(/<\/Error>$/)).toMatch(/connection: close.*<Code>AccessDenied<\/Code>/is);
});

test("Expect: 100-continue is answered once the request is found good, and not before", async () => {
  const { connection, putPath, host } = await open();
  const put = await putPath();
  const head = (target: string) =>
    `PUT ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`;
  const good = await connection();
  good.write(head(put));
  expect(await good.until(/\r\n\r\n/)).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  good.write("bytes");
  expect(await good.until(/200 OK/)).toContain("200 OK");

  const refused = await connection();
  refused.write(head(put.replace("/object", "/other")));
  const reply = await refused.until(/<\/Error>$/);
  expect(reply).toMatch(/^HTTP\/1\.1 403 Forbidden/);
  expect(reply).toMatch(/connection: close/i);
});

test("a Host without the port is verified as it was signed", async () => {
  const { client, connection, host } = await open();
  await client.send(new PutObjectCommand({ ...at, Body: "bytes" }));
  const bare = host.replace(/:\d+$/, "");
  const portless = connect({ endpoint: `http://${bare}` });
  const url = await getSignedUrl(portless, new GetObjectCommand(at));
  const raw = await connection();
  raw.write(`GET ${url.slice(`http://${bare}`.length)} HTTP/1.1\r\nHost: ${bare}\r\n\r\n`);
  expect(await raw.until(/bytes$/)).toMatch(/^HTTP\/1\.1 200 OK/);
});

test("garbage gets a refusal: nothing crashes, is written outside the data folder, or is the server's fault", async () => {
  const { dataDir, connection, client } = await open();
  const word = fc.constantFrom(
    ..."GET|PUT|POST|DELETE|HEAD|OPTIONS|PATCH|/|/files|/files/a|/../../../etc/x|/files/%|/files/%ff|/files/%00|*".split(
      "|",
    ),
    ..."http://x/y|?uploads|?delete|?uploadId=&partNumber=1|?list-type=2&max-keys=-1|?X-Amz-Signature=x".split(
      "|",
    ),
    ..."HTTP/1.1|HTTP/9.9|Host: localhost|Host: files.localhost|Host: ..localhost|Content-Length: 3".split(
      "|",
    ),
    ..."Content-Length: -1|Transfer-Encoding: chunked|Authorization: AWS4-HMAC-SHA256 Credential=a/b/c".split(
      "|",
    ),
    ..."Expect: 100-continue|Origin: http://x|x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER".split(
      "|",
    ),
    ...'Content-Type: multipart/form-data; boundary=b|--b\r\nContent-Disposition: form-data; name="key"'.split(
      "|",
    ),
    ...[" ", "\r\n", "\r\n\r\n", "\u0000", "ÿ", "3\r\nabc\r\n", "0\r\n\r\n"],
  );
  const request = fc.oneof(
    fc.array(word, { maxLength: 12 }).map((words) => words.join(" ")),
    fc.array(word, { maxLength: 8 }).map((lines) => `GET /files/a HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`),
    fc
      .tuple(fc.constantFrom("PUT", "POST", "DELETE"), word, fc.array(word, { maxLength: 6 }))
      .map(
        ([method, target, lines]) =>
          `${method} ${target} HTTP/1.1\r\nHost: x\r\n${lines.join("\r\n")}\r\n\r\n`,
      ),
  );
  await fc.assert(
    fc.asyncProperty(request, async (text) => {
      const raw = await connection();
      raw.write(text);
      expect(await raw.end()).not.toMatch(/HTTP\/1\.1 5(?!01)/);
    }),
    { numRuns: 300 },
  );
  expect(await readdir(dataDir)).toEqual(["s3"]);
  await client.send(new PutObjectCommand({ ...at, Body: "still there" }));
});
