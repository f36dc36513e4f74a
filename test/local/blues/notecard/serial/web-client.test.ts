import { connect } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createWebClientCheck } from "../../../../../local/blues/notecard/serial/web-client.ts";
import { cardUnderTest } from "../support/card-under-test.ts";

const NOTE = '{"req":"note.add","file":"planted.qo","body":{"planted":true}}\n';
const POST = `POST / HTTP/1.1\r\nHost: 127.0.0.1:4604\r\nContent-Type: text/plain\r\nContent-Length: ${NOTE.length}\r\n\r\n${NOTE}`;

/** Sends these pieces, and waits until the Notecard hangs up. */
async function send(port: number, pieces: readonly string[]): Promise<void> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.on("error", () => {}); // what is written to a connection that was cut
  socket.resume();
  for (const piece of pieces) if (!socket.destroyed) socket.write(piece, "latin1");
  await new Promise<void>((resolve) => socket.once("close", () => resolve()));
}

test.each([
  ["a browser's POST", [POST]],
  ["one that comes byte by byte", [...POST]],
  ["a preflight", [POST.replace("POST", "OPTIONS")]],
  ["a long URL", [POST.replace("/", `/${"x".repeat(300_000)}`)]],
  ["HTTP/2", [`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${NOTE}`]],
  ["a TLS handshake, whose session ticket a page may choose", [`\x16\x03\x01\x02\x00\n${NOTE}`]],
])("what a web page can send is not carried out: %s", async (_what, pieces) => {
  await using under = await cardUnderTest();
  await send(under.card.port, pieces);
  expect(under.flash.notes.list("planted.qo")).toEqual([]);
  expect(await under.host.ask({ req: "card.version" })).toHaveProperty("version");
});

test("a host is none, whatever noise comes first and however it is cut", () => {
  const noise = fc.uint8Array({ max: 20 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
  const isHost = (text: string) => !/^[A-Z]{3,7} /.test(text) && !text.startsWith("\x16\x03");
  fc.assert(
    fc.property(noise.filter(isHost), fc.integer({ min: 1, max: 9 }), (before, step) => {
      const bytes = Buffer.from(`${before}${NOTE}`, "latin1");
      const isWebClient = createWebClientCheck();
      for (let at = 0; at < bytes.length; at += step) {
        expect(isWebClient(bytes.subarray(at, at + step))).toBe(false);
      }
    }),
  );
});
