import { describe, expect, test } from "vitest";
import { splitCrc } from "../../../agent/notecard/request-crc.ts";
import { connect, failureOf, QUICK } from "./support/connect.ts";

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
