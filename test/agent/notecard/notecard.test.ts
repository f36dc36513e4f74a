import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LineError } from "../../../agent/notecard/line-error.ts";
import { NotecardError } from "../../../agent/notecard/notecard-error.ts";
import { PortClosed } from "../../../agent/notecard/port.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";
import { connect, failureOf, QUICK } from "./support/connect.ts";

describe("the binary buffer", () => {
  async function withBuffer(bytes: Buffer) {
    const connected = await connect();
    connected.fake.card.files.set("f", bytes);
    await connected.notecard.request({
      ...{ req: "web.get", route: "r", name: "/files/f", content: "application/octet-stream", binary: true },
      ...{ offset: 0, max: bytes.length },
    });
    return connected;
  }

  test("is read in slices", async () => {
    const bytes = Buffer.concat([patternedBytes(1000), Buffer.alloc(300, 0x0a), Buffer.alloc(300)]);
    const { notecard } = await withBuffer(bytes);
    const slices = await Promise.all(
      [0, 700, 1400].map((at) => notecard.readBinary(at, Math.min(700, 1600 - at))),
    );
    expect(Buffer.concat(slices)).toEqual(bytes);
  });

  test("is read again after a damaged packet, three times in all", async () => {
    const bytes = patternedBytes(500);
    const { fake, notecard } = await withBuffer(bytes);
    let left = 2;
    const damage = (line: Buffer) => {
      line[line.length - 100] = (line.at(-100) ?? 0) ^ 0x40;
      return line;
    };
    fake.script = () => (left-- > 0 ? { mangle: damage } : undefined);
    expect(await notecard.readBinary(0, 500)).toEqual(bytes);
    fake.script = () => ({ mangle: damage });
    expect(await failureOf(notecard.readBinary(0, 500))).toMatchObject({ code: "garbled" });
    fake.script = undefined;
    expect(await notecard.request({ req: "hub.get" })).toMatchObject({ mode: "continuous" });
  });
});

test("a line that breaks ends what waits for it", async () => {
  const { fake, notecard } = await connect();
  fake.script = () => ({ hangUp: true });
  expect(await failureOf(notecard.request({ req: "hub.get" }))).toBeInstanceOf(PortClosed);
  expect(await failureOf(notecard.request({ req: "hub.get" }))).toBeInstanceOf(PortClosed);
});

test("whatever the other end sends, a request ends, with a reply or with an error of ours", async () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((json) => Buffer.from(`${json}\r\n`)),
    fc.record({ err: fc.string() }).map((reply) => Buffer.from(`${JSON.stringify(reply)}\r\n`)),
    fc
      .constantFrom(...["\n".repeat(500), "{".repeat(70_000), '{"crc":"0000:00000000"}\n', '{"a":1}'])
      .map((text) => Buffer.from(text)),
  );
  const { fake, notecard } = await connect({ ...QUICK, quietMs: 5, gapMs: 10 });
  await fc.assert(
    fc.asyncProperty(noise, async (raw) => {
      fake.script = () => ({ raw });
      const failure = await failureOf(notecard.request({ req: "hub.get" }, { timeoutMs: 10, retries: 1 }));
      expect(
        [LineError, NotecardError, String].some(
          (type) => failure instanceof type || typeof failure === "string",
        ),
      ).toBe(true);
      fake.script = undefined;
      expect(await notecard.request({ req: "hub.get" })).toMatchObject({ mode: "continuous" });
    }),
    { numRuns: 60 },
  );
});
