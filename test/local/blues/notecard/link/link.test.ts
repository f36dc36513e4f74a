import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createVirtualClock } from "../../../../../local/blues/notecard/link/clock.ts";
import { createLink, LinkLost } from "../../../../../local/blues/notecard/link/link.ts";
import { linkProfile } from "../../../../../local/blues/notecard/link/profile.ts";

const custom = (text: string, random = () => 0.5) => {
  const clock = createVirtualClock();
  return { clock, link: createLink(linkProfile(`custom:${text}`), clock, random) };
};

describe("link", () => {
  test("takes its latency and the time of its bytes, either way", async () => {
    const { clock, link } = custom("latency=100,rate=1000");
    await link.carry("web.get", "up", 440);
    expect(clock.now()).toBeCloseTo(100 + 500);
    await link.carry("web.get", "down", 9_940);
    expect(clock.now()).toBeCloseTo(600 + 100 + 10_000);
  });

  test("counts in all, by request and since the mark", async () => {
    const { link } = custom("latency=0,rate=1000000");
    await link.carry("web.get", "up", 10);
    await link.carry("web.get", "down", 20);
    link.mark();
    await link.carry("sync", "down", 5);
    expect(link.counters()).toEqual({
      total: { messages: 3, up: 10, down: 25, overhead: 180 },
      delivery: { messages: 1, up: 0, down: 5, overhead: 60 },
      byRequest: {
        "web.get": { messages: 2, up: 10, down: 20, overhead: 120 },
        sync: { messages: 1, up: 0, down: 5, overhead: 60 },
      },
    });
  });

  test("counts what adds up, whatever is carried", async () => {
    const message = fc.tuple(
      fc.constantFrom("a", "b"),
      fc.constantFrom("up" as const, "down" as const),
      fc.nat(9_999),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(message), async (messages) => {
        const { link } = custom("latency=0,rate=1000000");
        for (const one of messages) await link.carry(...one);
        const { total, byRequest } = link.counters();
        const sum = (pick: (count: { up: number; down: number }) => number) =>
          Object.values(byRequest).reduce((all, count) => all + pick(count), 0);
        expect(total.up + total.down).toBe(messages.reduce((all, [, , bytes]) => all + bytes, 0));
        expect([sum(({ up }) => up), sum(({ down }) => down)]).toEqual([total.up, total.down]);
      }),
    );
  });

  test("loses the share of messages it says, after their time, and counts them", async () => {
    let rolled = 0;
    const rolls = [0.2, 0.05, 0.1];
    const { clock, link } = custom("latency=10,rate=1000,loss=0.1", () => rolls[rolled++] ?? 0);
    await link.carry("a", "up", 0);
    await expect(link.carry("a", "up", 0)).rejects.toMatchObject({ reason: "loss" });
    await link.carry("a", "up", 0);
    expect(clock.now()).toBeCloseTo(3 * 70);
    expect(link.counters().total.messages).toBe(3);
  });

  test("is gone in an outage, and back after it", async () => {
    const { clock, link } = custom("latency=0,rate=1000000,outage=10/60");
    await clock.sleep(49_000);
    expect(link.available()).toBe(true);
    await clock.sleep(1_000);
    expect(link.available()).toBe(false);
    await expect(link.carry("a", "up", 1)).rejects.toThrow(LinkLost);
    expect(link.counters().total.messages).toBe(0);
    await clock.sleep(10_000);
    expect(link.available()).toBe(true);
  });

  test("loses what an outage catches on its way", async () => {
    const { clock, link } = custom("latency=2000,rate=1000000,outage=10/60");
    await clock.sleep(49_000);
    await expect(link.carry("a", "up", 1)).rejects.toMatchObject({ reason: "outage" });
  });

  test("takes its time to be found, and counts nothing for it", async () => {
    const { clock, link } = custom("latency=100,rate=1000,connect=90");
    await link.connect();
    expect(clock.now()).toBe(90_000);
    expect(link.counters().total.messages).toBe(0);
  });

  test("carries nothing past a deadline", async () => {
    const { clock, link } = custom("latency=0,rate=10");
    await expect(link.carry("a", "down", 1_000, 5_000)).rejects.toMatchObject({ reason: "deadline" });
    expect(clock.now()).toBe(5_000);
  });
});

describe("linkProfile", () => {
  test.each(["none", "lte", "lte-m", "nb-iot", "satellite"])("knows %s", (name) => {
    expect(linkProfile(name)).toMatchObject({ name });
  });

  test("reads a custom one", () => {
    expect(linkProfile("custom:latency=5,rate=100,loss=0.01,outage=6/60")).toEqual({
      ...{ name: "custom", latencyMs: 5, upRate: 100, downRate: 100, loss: 0.01 },
      outage: { every: 60, seconds: 6 },
    });
    expect(linkProfile("custom:latency=5,rate=100,connect=90")).toMatchObject({ connectMs: 90_000 });
  });

  test.each([
    "",
    "5g",
    "constructor",
    "custom",
    "custom:latency=1",
    "custom:latency=1,rate=0",
    "custom:latency=1,rate=1,outage=9/9",
    "custom:latency=1,rate=1,loss=1",
  ])("refuses %j and says what there is", (text) => {
    expect(() => linkProfile(text)).toThrow(/lte-m/);
  });
});
