import { createConnection } from "node:net";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { LineError } from "../../../agent/notecard/line-error.ts";
import { createNotecard } from "../../../agent/notecard/notecard.ts";
import { NotecardError } from "../../../agent/notecard/notecard-error.ts";
import { type LineTiming, NETWORK_LINE, PortClosed } from "../../../agent/notecard/port.ts";
import { splitCrc } from "../../../agent/notecard/request-crc.ts";
import { createStreamPort } from "../../../agent/notecard/stream-port.ts";
import { startFakeNotecard } from "../support/fake-notecard.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";

const QUICK: LineTiming = { ...NETWORK_LINE, quietMs: 20, retryPauseMs: 1 };

async function connect(timing: LineTiming = QUICK) {
  const fake = await startFakeNotecard();
  const notecard = createNotecard(createStreamPort(createConnection(fake.port, "127.0.0.1"), timing));
  onTestFinished(async () => {
    await notecard.close();
    await fake.close();
  });
  const lines = () =>
    Buffer.concat(fake.received)
      .toString()
      .split("\n")
      .filter((line) => line !== "");
  return { fake, notecard, lines };
}

/** What a call throws. */
async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => "it succeeded",
    (error: unknown) => error,
  );
}

describe("a transaction", () => {
  test("begins with a resync, and is one line with a crc and a sequence that counts", async () => {
    const { fake, notecard, lines } = await connect();
    expect(await notecard.request({ req: "hub.get" })).toMatchObject({ mode: "continuous" });
    await notecard.request({ req: "card.attn" });
    expect(Buffer.concat(fake.received).toString()).toMatch(
      /^\n\{"req":"hub.get","crc":"[^"]+"\}\n\{"req":"card.attn"/,
    );
    const [first, second] = lines().map(splitCrc);
    expect([first?.crcOk, second?.crcOk]).toEqual([true, true]);
    expect(second?.sequence).toBe(((first?.sequence ?? 0) + 1) & 0xffff);
  });

  test("waits for the one before", async () => {
    const { fake, notecard } = await connect();
    fake.script = ({ req }) => (req === "hub.get" ? { loseReply: true } : undefined);
    const first = failureOf(notecard.request({ req: "hub.get" }, { timeoutMs: 50, retries: 0 }));
    const second = notecard.request({ req: "card.version" });
    expect(await first).toMatchObject({ code: "timeout" });
    expect(fake.requests).toEqual([{ req: "hub.get" }]);
    expect(await second).toMatchObject({ version: "notecard-9.1.1" });
  });

  test("takes a reply in any pieces", async () => {
    const { fake, notecard } = await connect();
    fake.script = () => ({ mangle: (line) => [...line].map((byte) => Buffer.of(byte)) });
    expect(await notecard.request({ req: "hub.get" })).toMatchObject({ mode: "continuous" });
  });

  test("goes out in segments with pauses where the line needs it", async () => {
    const { fake, notecard } = await connect({ ...QUICK, segmentBytes: 250, segmentPauseMs: 30 });
    await notecard.request({ req: "note.add", body: { text: "x".repeat(600) } });
    expect(fake.received.map(({ length }) => length)).toEqual([1, 250, 250, expect.any(Number)]);
  });

  test("with a Notecard that knows no crc works without", async () => {
    const { fake, notecard } = await connect();
    fake.withCrc = false;
    expect(await notecard.request({ req: "hub.get" })).toMatchObject({ mode: "continuous" });
    expect(await notecard.request({ req: "hub.get" })).toMatchObject({ mode: "continuous" });
    expect(fake.requests).toHaveLength(2);
  });
});

describe("a reply that is lost or damaged", () => {
  test.each([
    ["a byte is wrong", (line: Buffer) => Buffer.from(line.toString().replace('"total":1', '"total":2'))],
    ["the end is missing", (line: Buffer) => Buffer.concat([line.subarray(0, 20), Buffer.from("\r\n")])],
    ["it is no text", () => Buffer.from([0xff, 0xfe, 0x0a])],
    ["its crc is gone", () => Buffer.from('{"mode":"continuous"}\r\n')],
  ])("is asked for again, by the same line, and the request is executed once: %s", async (_what, mangle) => {
    const { fake, notecard, lines } = await connect();
    await notecard.request({ req: "card.attn" }); // so that a crc is expected from here on
    let executed = 0;
    fake.script = () => (executed++ === 0 ? { mangle } : undefined);
    expect(await notecard.request({ req: "note.add", body: { a: 1 } })).toEqual({ total: 1 });
    expect(fake.card.receipts).toEqual([{ a: 1 }]);
    const [, second, third] = lines();
    expect(third).toBe(second);
  });

  test("is asked for again after a time-out", async () => {
    const { fake, notecard } = await connect();
    let count = 0;
    fake.script = () => (count++ === 0 ? { loseReply: true } : undefined);
    const reply = notecard.request({ req: "note.add", body: { a: 1 } }, { timeoutMs: 50 });
    expect(await reply).toEqual({ total: 1 });
    expect(fake.card.receipts).toHaveLength(1);
  });

  test("is not asked for again where the request must not be made twice", async () => {
    const { fake, notecard } = await connect();
    fake.script = () => ({ loseReply: true });
    const failure = await failureOf(notecard.request({ req: "note.get" }, { timeoutMs: 50, retries: 0 }));
    expect(failure).toBeInstanceOf(LineError);
    expect(failure).toMatchObject({ code: "timeout" });
    expect(fake.requests).toHaveLength(1);
  });

  test("that comes late, when its request was given up, is not taken for the next one's", async () => {
    const { fake, notecard } = await connect();
    let late: Buffer = Buffer.alloc(0);
    fake.script = ({ req }) => {
      if (req === "hub.get") {
        return {
          mangle: (line) => {
            late = line;
            return [];
          },
        };
      }
      return { mangle: (line) => [late, line] };
    };
    await failureOf(notecard.request({ req: "hub.get" }, { timeoutMs: 30, retries: 0 }));
    expect(await notecard.request({ req: "card.version" })).toMatchObject({ version: "notecard-9.1.1" });
    expect(fake.requests).toHaveLength(2);
  });

  test("is given up in the end", async () => {
    const { fake, notecard } = await connect();
    fake.script = () => ({ raw: "{nonsense\r\n" });
    expect(await failureOf(notecard.request({ req: "hub.get" }, { retries: 2 }))).toMatchObject({
      code: "garbled",
    });
    expect(fake.requests).toHaveLength(3);
  });

  test("on a line where nobody answers is told apart", async () => {
    const { fake, notecard } = await connect({ ...QUICK, quietMs: 1 });
    fake.answersNewlines = false;
    expect(await failureOf(notecard.request({ req: "hub.get" }, { retries: 0 }))).toMatchObject({
      code: "out-of-step",
    });
  });
});

describe("a reply with err", () => {
  test("is an error with its codes", async () => {
    const { fake, notecard } = await connect();
    fake.script = () => ({ reply: { err: "no such note {note-noexist} {b}\u001b[2J" } });
    const failure = await failureOf(notecard.request({ req: "note.get" }));
    expect(failure).toBeInstanceOf(NotecardError);
    expect(failure).toMatchObject({ request: "note.get", codes: ["note-noexist", "b"] });
    expect(failure).toMatchObject({ message: expect.not.stringContaining("\u001b") });
    expect(fake.requests).toHaveLength(1);
  });

  test.each([
    ["trouble {io}", 6],
    ["trouble {io} {not-supported}", 1],
    ["trouble {bad-bin} {io}", 1],
    ["trouble {bad-bin}", 1],
  ])("%s makes %d tries", async (err, tries) => {
    const { fake, notecard } = await connect();
    fake.script = () => ({ reply: { err } });
    await failureOf(notecard.request({ req: "hub.get" }));
    expect(fake.requests).toHaveLength(tries);
  });

  test("that is a heartbeat is no answer yet", async () => {
    const { fake, notecard } = await connect();
    const beat = Buffer.from('{"err":"{heartbeat}"}\r\n');
    fake.script = () => ({ mangle: (line) => [beat, beat, line] });
    expect(await notecard.request({ req: "hub.get" })).toMatchObject({ mode: "continuous" });
  });
});

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
