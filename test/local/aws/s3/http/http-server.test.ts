import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { type Handler, startHttpServer } from "../../../../../local/aws/s3/http/http-server.ts";
import { rawConnection } from "../support/raw-connection.ts";

/** A server whose clients must be quick. */
async function impatient(handler: Handler, patience = { headMs: 100, silenceMs: 60_000 }) {
  const server = await startHttpServer(handler, {
    port: 0,
    tls: undefined,
    report: () => undefined,
    patience,
  });
  onTestFinished(() => server.close());
  return await rawConnection(server.port);
}

const nothing: Handler = async (_, response) => void response.end();

test("a head that never ends is given up, and the client is told", async () => {
  const raw = await impatient(nothing);
  raw.write("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
  expect(await raw.until(/<\/Error>$/)).toMatch(/^HTTP\/1\.1 400 .*<Code>RequestTimeout<\/Code>/s);
});

test("a body that stops coming is given up", async () => {
  let gone: Promise<unknown> | undefined;
  const raw = await impatient(
    async (incoming) => {
      gone = once(incoming.resume(), "error");
      await gone;
    },
    { headMs: 60_000, silenceMs: 100 },
  );
  raw.write("PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf");
  expect(await raw.until(/(?!)/)).toBe("");
  expect(await gone).toMatchObject([{ code: "ECONNRESET" }]);
});

test("a head that is too long is refused, and the client is told", async () => {
  const raw = await impatient(nothing);
  raw.write(`GET /?prefix=${"x".repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  expect(await raw.until(/<\/Error>$/)).toContain("<Code>RequestHeaderSectionTooLarge</Code>");
});

test("what is no request is refused with a document like any other", async () => {
  const raw = await impatient(nothing);
  raw.write("garbage\r\n\r\n");
  const reply = await raw.until(/<\/Error>$/);
  const [head = "", body = ""] = reply.split("\r\n\r\n");
  expect(head).toContain(`Content-Length: ${body.length}`);
  expect(body).toContain("<Code>BadRequest</Code>");
});
