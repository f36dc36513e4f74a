import { describe, expect, test } from "vitest";
import { createConnection } from "../../../../agent/link/notecard/connection.ts";
import type { Notecard } from "../../../../agent/notecard/notecard.ts";
import type { Reply } from "../../../../agent/notecard/reply.ts";
import type { Request } from "../../../../agent/notecard/transaction.ts";
import { startDevice } from "../../support/agent-under-test.ts";

const NEVER = new AbortController().signal;

/** A periodic Notecard, and what was set on it. */
function periodic(connected: () => boolean) {
  const sets: Request[] = [];
  const replies: Record<string, () => Reply> = {
    "hub.get": () => ({ mode: "periodic" }),
    "hub.status": () => ({ connected: connected() }),
  };
  const notecard: Notecard = {
    async request(request) {
      if (request.req === "hub.set") sets.push(request);
      return replies[request.req]?.() ?? {};
    },
    readBinary: async () => Buffer.alloc(0),
    close: async () => undefined,
  };
  return { notecard, sets };
}

describe("a Notecard that was raised", () => {
  test("is asked again in good time, so that no agent which dies leaves its radio on for long", async () => {
    let now = 0;
    const { notecard, sets } = periodic(() => true);
    const connection = createConnection(notecard, { pollMs: 1, connectMs: 1_000 }, () => now);
    await connection.raise(NEVER, () => undefined);
    for (; now < 600_000; now += 10_000) await connection.stayRaised();
    expect(sets.every(({ on, seconds }) => on === true && Number(seconds) <= 300)).toBe(true);
    expect(sets.length).toBeGreaterThanOrEqual(600 / 120);
    expect(sets.length).toBeLessThanOrEqual(1 + 600 / 60);
  });

  test("is asked again while it takes long to connect", async () => {
    let now = 0;
    const { notecard, sets } = periodic(() => {
      now += 50_000;
      return now > 400_000;
    });
    await createConnection(notecard, { pollMs: 1, connectMs: 1e9 }, () => now).raise(NEVER, () => undefined);
    expect(sets.length).toBeGreaterThan(2);
  });

  test("is let go when the agent is told to stop in the middle of a download", async () => {
    const { fake, start } = await startDevice();
    fake.card.hub.mode = "periodic";
    fake.script = ({ req }) => (req === "web.get" ? { lateMs: 50 } : undefined);
    fake.card.publish("a.bin", Buffer.alloc(300_000));
    const agent = start();
    await agent.next("chunk");
    expect(await agent.stop()).toBe(0);
    const sets = fake.requests.filter(({ req }) => req === "hub.set");
    expect(sets.at(-1)).toEqual({ req: "hub.set", off: true });
  });

  test("and answers no more does not keep the agent from stopping", async () => {
    const { fake, start } = await startDevice();
    fake.card.hub.mode = "periodic";
    fake.script = ({ req }) => (req === "web.get" ? { silent: true } : undefined);
    fake.card.publish("a.bin", Buffer.alloc(300));
    const agent = start();
    await expect.poll(() => fake.requests.some(({ req }) => req === "web.get")).toBe(true);
    expect(await agent.stop()).toBe(0);
  });
});
