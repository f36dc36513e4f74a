import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Bursts, gatherBursts } from "../../../local/progress/bursts.ts";
import { createNarrator } from "../../../local/progress/narrator.ts";
import type { StackEvent } from "../../../local/progress/stack-event.ts";

const KEY = "fleets/fleet:1/a.py";
let printed: { text: string; transient: boolean }[];
let bursts: Bursts;
let now: number;
let narrate: ReturnType<typeof createNarrator>;

beforeEach(() => {
  vi.useFakeTimers();
  printed = [];
  now = 0;
  bursts = gatherBursts(50, (line) => printed.push({ text: line.text, transient: line.transient }));
  narrate = createNarrator({
    linkUse: (uid) => ({ bytes: 100 * Number(uid.slice(4)), messages: 2 }),
    nameOf: (uid) => `device ${uid.slice(4)}`,
    now: () => now,
  });
});
afterEach(() => void vi.useRealTimers());

const tell = (...events: StackEvent[]) => {
  for (const event of events) {
    const narration = narrate(event);
    if (narration !== undefined) bursts.add(narration);
  }
};
const installed = (device: number, key = KEY): StackEvent => {
  return { step: "installed", key, device: `dev:${device}`, path: "a.py", way: "whole", fetched: 10 };
};
const texts = () => printed.splice(0).map(({ text }) => text);
/** Devices from one number to another. */
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("with several devices", () => {
  test("what comes to few is told of each, with its name", () => {
    tell({ step: "uploaded", key: KEY, bytes: 10 });
    tell({ step: "announced", key: KEY, device: "dev:7", bytes: 10 });
    now = 1_500;
    tell(installed(7), { step: "unchanged", key: KEY, device: "dev:8" });
    tell({ step: "notice", key: KEY, device: "dev:9", what: "retrying", detail: "busy", ends: false });
    tell({ step: "chunk", key: KEY, device: "dev:9", totalChunks: 2, bytes: 5, size: 10 });
    vi.runAllTimers();
    expect(texts()).toEqual([
      `uploaded    ${KEY}  10 bytes`,
      `announced   ${KEY}  10 bytes to device 7`,
      `installed   ${KEY}  device 7 · at a.py · took 1.5 s · 700 bytes in 2 messages on the link, 690 more than the file`,
      `unchanged   ${KEY}  device 8 · the device has these bytes already; nothing was fetched`,
      `retrying    ${KEY}  device 9 · busy`,
      `fetching    ${KEY}  device 9 · 50 % · 5 of 10 bytes`,
    ]);
  });

  test("what comes to many is one line, and how many have it by now", () => {
    tell({ step: "uploaded", key: KEY, bytes: 10 });
    tell(
      ...range(1, 48).map(
        (n): StackEvent => ({ step: "announced", key: KEY, device: `dev:${n}`, bytes: 10 }),
      ),
    );
    for (const device of range(1, 20)) {
      now = device * 100;
      tell(installed(device));
    }
    tell(installed(1, "other.py"));
    vi.runAllTimers();
    now = 9_000;
    tell(...range(21, 49).map((device) => installed(device)));
    vi.runAllTimers();
    tell(installed(50));
    vi.runAllTimers();
    expect(texts()).toEqual([
      `uploaded    ${KEY}  10 bytes`,
      "installed   other.py  device 1 · at a.py · 0 bytes in 0 messages on the link",
      `announced   ${KEY}  10 bytes · 48 devices`,
      `installed   ${KEY}  20 devices · took 0.1 to 2.0 s · 21,000 bytes on their links`,
      `installed   ${KEY}  29 devices (49 of 50) · took 9.0 to 9.0 s · 101,500 bytes on their links`,
      `installed   ${KEY}  1 device (50 of 50) · took 9.0 to 9.0 s · 5,000 bytes on their links`,
    ]);
  });

  test("one that gets again what many have is told by itself, and the next upload begins anew", () => {
    tell({ step: "uploaded", key: KEY }, ...range(1, 50).map((device) => installed(device)));
    vi.runAllTimers();
    texts();
    now = 60_000;
    tell(installed(3));
    vi.runAllTimers();
    expect(texts()).toEqual([`installed   ${KEY}  device 3 · at a.py · 0 bytes in 0 messages on the link`]);
    tell({ step: "uploaded", key: KEY }, ...range(1, 10).map((device) => installed(device)));
    vi.runAllTimers();
    expect(texts()[1]).toBe(`installed   ${KEY}  10 devices · took 0.0 to 0.0 s · 0 bytes on their links`);
  });

  test("different reasons are different bursts, and progress alone may be overwritten", () => {
    const notice = (device: number, detail: string): StackEvent => {
      return { step: "notice", key: KEY, device: `dev:${device}`, what: "retrying", detail, ends: false };
    };
    tell(...range(1, 9).map((device) => notice(device, device < 5 ? "busy" : "route")));
    const chunk = { step: "chunk", key: KEY, totalChunks: 2, bytes: 5, size: 10 } as const;
    tell(...[...range(1, 9), ...range(1, 9)].map((n): StackEvent => ({ ...chunk, device: `dev:${n}` })));
    bursts.flush();
    expect(printed).toEqual([
      { text: `retrying    ${KEY}  busy · 4 devices`, transient: false },
      { text: `retrying    ${KEY}  route · 5 devices`, transient: false },
      { text: `fetching    ${KEY}  9 devices`, transient: true },
    ]);
  });

  test("what is of no device is told at once, and hostile keys are shown without obeying them", () => {
    tell({ step: "uploaded", key: "other.py", bytes: 3 });
    expect(texts()).toEqual(["uploaded    other.py  3 bytes"]);
    tell(...range(1, 9).map((device) => installed(device, "a\u001b[2J\n")));
    vi.runAllTimers();
    expect(texts()[0]).toContain("a\\u{1b}[2J\\u{a}  9 devices");
  });
});

describe("a folder for a fleet", () => {
  const folder = (n: number) =>
    range(1, n).map((file) => `fleets/fleet:1/app/${file % 2 ? "odd/" : ""}${file}.py`);
  const manifest: StackEvent = { step: "manifest", key: "fleet:1", serial: 7, files: 30, bytes: 4100 };
  const rolledBack = (key: string, device: number): StackEvent => {
    const said = { what: "rolled back", detail: "it did not run (exit 1)", ends: true };
    return { step: "notice", key, device: `dev:${device}`, ...said };
  };

  test("is told as one line a step, which comes before what follows from it", () => {
    tell(...folder(30).map((key): StackEvent => ({ step: "uploaded", key, bytes: 100 })), manifest);
    expect(texts()).toEqual([
      "uploaded    fleets/fleet:1/app/  30 files, 3.0 KB",
      "announced   fleet:1  manifest 7 of 30 files, 4,100 bytes",
    ]);
    tell(...folder(30).flatMap((key) => range(1, 5).map((device) => rolledBack(key, device))));
    bursts.flush();
    expect(texts()).toEqual([
      "rolled back fleets/fleet:1/app/  30 files · it did not run (exit 1) · 5 devices",
    ]);
    tell(rolledBack("fleets/fleet:1/app/2.py", 6), rolledBack("fleets/fleet:1/app/4.py", 6));
    bursts.flush();
    expect(texts()).toEqual([
      "rolled back fleets/fleet:1/app/  2 files · it did not run (exit 1) · 1 device",
    ]);
  });

  test("of receipts that come in over some seconds one line tells, or one for ten seconds of them", () => {
    const receipts = folder(12).flatMap((key) => range(1, 5).map((device) => rolledBack(key, device)));
    for (const [at, event] of receipts.entries()) {
      tell(event);
      vi.advanceTimersByTime(at < 20 ? 100 : 300);
    }
    expect(texts().length).toBe(1);
    vi.runAllTimers();
    const [line = "", ...more] = texts();
    expect([line, more]).toEqual([expect.stringMatching(/^rolled back .* files · it did not run/), []]);
  });

  test("of few files each is told, and nothing is said of bytes that are not known", () => {
    tell(...folder(3).map((key): StackEvent => ({ step: "uploaded", key, bytes: 100 })));
    bursts.flush();
    expect(texts()[2]).toBe("uploaded    fleets/fleet:1/app/odd/3.py  100 bytes");
    tell(
      ...folder(9).map(
        (key): StackEvent => ({ step: "uploaded", key, bytes: key.endsWith("7.py") ? undefined : 1 }),
      ),
    );
    bursts.flush();
    expect(texts()).toEqual(["uploaded    fleets/fleet:1/app/  9 files"]);
  });

  test("names no devices where there is only one", () => {
    const one = gatherBursts(1, ({ text }) => printed.push({ text, transient: false }));
    const narrateOne = createNarrator({ linkUse: () => ({ bytes: 900, messages: 2 }), now: () => now });
    for (const event of [
      ...folder(9).map((key) => rolledBack(key, 1)),
      ...folder(9).map((key) => installed(1, key)),
    ])
      one.add(narrateOne(event) ?? expect.fail());
    one.flush();
    expect(texts()).toEqual([
      "rolled back fleets/fleet:1/app/  9 files · it did not run (exit 1)",
      "installed   fleets/fleet:1/app/  9 files · 0 bytes on the link",
    ]);
  });
});
