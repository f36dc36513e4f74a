import { describe, expect, test } from "vitest";
import { LineError } from "../../../agent/notecard/line-error.ts";
import { NotecardError } from "../../../agent/notecard/notecard-error.ts";
import { connect, failureOf, QUICK } from "./support/connect.ts";

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

  test("that stopped in the middle is told apart from none", async () => {
    const { fake, notecard } = await connect({ ...QUICK, gapMs: 10 });
    fake.script = () => ({ raw: '{"mode":"conti' });
    expect(await failureOf(notecard.request({ req: "hub.get" }, { retries: 0 }))).toMatchObject({
      code: "cut-off",
    });
  });

  test("that is too long is not asked for again: it would be as long", async () => {
    const { fake, notecard } = await connect();
    fake.script = () => ({ raw: `{"notes":"${"x".repeat(300_000)}"}\r\n` });
    expect(await failureOf(notecard.request({ req: "note.changes" }))).toMatchObject({ code: "too-long" });
    expect(fake.requests).toHaveLength(1);
    fake.script = undefined;
    expect(await notecard.request({ req: "hub.get" })).toMatchObject({ mode: "continuous" });
  });

  test("on a line where nobody answers any more is told apart", async () => {
    const { fake, notecard } = await connect({ ...QUICK, quietMs: 1 });
    await notecard.request({ req: "hub.get" });
    fake.script = () => ({ loseReply: true });
    await failureOf(notecard.request({ req: "hub.get" }, { timeoutMs: 1, retries: 0 }));
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

  test("has what else it said", async () => {
    const { fake, notecard } = await connect();
    fake.script = () => ({ reply: { err: "a spoilt packet {bad-bin}", max: 130_554 } });
    expect(await failureOf(notecard.request({ req: "card.binary" }))).toMatchObject({
      reply: { max: 130_554 },
    });
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
