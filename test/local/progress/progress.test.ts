import { describe, expect, test } from "vitest";
import { readAgentLog } from "../../../local/progress/agent-log.ts";
import type { Narration } from "../../../local/progress/narration.ts";
import { createNarrator } from "../../../local/progress/narrator.ts";
import { readNotifierLog } from "../../../local/progress/notifier-log.ts";
import { readRecorderLog } from "../../../local/progress/recorder-log.ts";
import type { StackEvent } from "../../../local/progress/stack-event.ts";
import { variableName } from "../../../protocol/manifest-variable.ts";

describe("a file's way, told", () => {
  test("says each step with what this delivery cost on the link and the time it took", () => {
    let link = { bytes: 0, messages: 0 };
    let now = 0;
    const narrate = createNarrator({ linkUse: () => link, now: () => now });
    const told: Narration[] = [];
    const tell = (...events: StackEvent[]) => told.push(...events.flatMap((event) => narrate(event) ?? []));
    // Both were uploaded before the first was fetched: each is told its own cost.
    tell({ step: "uploaded", key: "big.bin", bytes: 50_000 }, { step: "uploaded", key: "main.py" });
    link = { bytes: 60_000, messages: 20 };
    now = 1_000;
    tell({
      step: "installed",
      key: "big.bin",
      device: "dev:1",
      path: "big.bin",
      way: "whole",
      fetched: 50_000,
    });
    tell({ step: "announced", key: "main.py", device: "dev:1", bytes: 12_345 });
    link = { bytes: 74_500, messages: 28 };
    now = 2_340;
    tell({ step: "chunk", key: "main.py", device: "dev:1", totalChunks: 3, bytes: 4_115, size: 12_345 });
    now = 4_340;
    tell(
      { step: "chunk", key: "main.py", device: "dev:1", totalChunks: 3, bytes: 8_230, size: 12_345 },
      { step: "installed", key: "main.py", device: "dev:1", path: "main.py", way: "whole", fetched: 12_345 },
    );
    expect(told.map((n) => n.text)).toEqual([
      "uploaded    big.bin  50,000 bytes",
      "uploaded    main.py",
      "installed   big.bin  at big.bin · took 1.0 s · 60,000 bytes in 20 messages on the link",
      "announced   main.py  12,345 bytes to dev:1",
      "fetching    main.py  33 % · 4,115 of 12,345 bytes",
      "fetching    main.py  66 % · 2.1 KB/s · 2 s left · 8,230 of 12,345 bytes",
      "installed   main.py  at main.py · took 4.3 s · 14,500 bytes in 8 messages on the link, 2,155 more than the file",
    ]);
    expect(told.filter((n) => n.transient)).toEqual([told[4], told[5]]);
    expect(told[5]?.meter).toEqual({
      share: 8_230 / 12_345,
      at: "fetching    main.py  ".length,
      isNewTenth: true,
    });
  });

  test("says of a fleet's manifest what it takes, and what came of it on each device", () => {
    let link = { bytes: 0, messages: 0 };
    let now = 0;
    const narrate = createNarrator({ linkUse: () => link, now: () => now });
    const fleet = "fleet:1";
    const announced = readNotifierLog(
      JSON.stringify({ message: "manifest-announced", fleet, serial: 7, files: 30, size: 4100, step: 900 }),
    );
    const variable = { event: "chunk", name: variableName(fleet), chunk: 1, totalChunks: 1, size: 900 };
    expect(readAgentLog(JSON.stringify(variable), "dev:1")).toBeUndefined();
    const counts = { installed: 28, unchanged: 1, removed: 1, exceptions: 1 };
    const brought = readAgentLog(JSON.stringify({ event: "brought", fleet, serial: 7, ...counts }), "dev:1");
    const nothing = { installed: 0, unchanged: 30, removed: 0, exceptions: 0 };
    const same = readAgentLog(JSON.stringify({ event: "brought", fleet, serial: 7, ...nothing }), "dev:1");
    const texts = [announced, brought, same].map((event) => {
      const text = event === undefined ? "nothing" : narrate(event)?.text;
      link = { bytes: 1_234, messages: 3 };
      now = 2_500;
      return text;
    });
    expect(texts).toEqual([
      "announced   fleet:1  manifest 7 of 30 files, 4,100 bytes, 900 as a step from the one before",
      "exceptions  fleet:1  manifest 7: 28 installed, 1 removed, 1 not as it says · took 2.5 s · 1,234 bytes in 3 messages on the link",
      "current     fleet:1  manifest 7: nothing to do · 0 bytes in 0 messages on the link",
    ]);
  });

  test.each([
    ["note", 84, "84 bytes in the Note instead of 7,268 · nothing fetched"],
    ["note", undefined, "a patch in the Note instead of 7,268 · nothing fetched"],
    ["patch", 84, "301 bytes fetched (patch) instead of 7,268"],
    ["zstd", undefined, "301 bytes fetched (zstd) instead of 7,268"],
  ])("says what came in place of the file: %s", (way, payload, said) => {
    let link = { bytes: 0, messages: 0 };
    const narrate = createNarrator({ linkUse: () => link, now: () => 0 });
    narrate({ step: "announced", key: "app/main.py", device: "dev:1", bytes: 7268, payload });
    link = { bytes: 365, messages: 2 };
    const told = narrate({
      ...{ step: "installed", key: "app/main.py", device: "dev:1", path: "app/main.py", way, fetched: 301 },
    });
    expect(told?.text).toBe(
      `installed   app/main.py  ${said} · at app/main.py · 365 bytes in 2 messages on the link, 0.05 of the file`,
    );
  });

  test("says nothing of a link that nobody counts", () => {
    const narrate = createNarrator({ linkUse: () => undefined, now: () => 0 });
    const installed = {
      step: "installed",
      key: "a",
      device: "thing:a",
      path: "a",
      way: "whole",
      fetched: 1,
    } as const;
    expect(narrate(installed)?.text).toBe("installed   a  at a");
    const brought = {
      step: "brought",
      key: "thing:a",
      device: "thing:a",
      serial: 1,
      installed: 1,
      removed: 0,
      exceptions: 0,
    } as const;
    expect(narrate(brought)?.text).toBe("current     thing:a  manifest 1: 1 installed");
  });

  test("has one line for a file of one chunk", () => {
    const narrate = createNarrator({ linkUse: () => ({ bytes: 0, messages: 0 }), now: () => 0 });
    expect(
      narrate({ step: "chunk", key: "a", device: "dev:1", totalChunks: 1, bytes: 3, size: 3 }),
    ).toBeUndefined();
  });

  test("knows when a transfer enters another tenth, each transfer by itself", () => {
    const narrate = createNarrator({ linkUse: () => ({ bytes: 0, messages: 0 }), now: () => 0 });
    const enters = (key: string, bytes: number) =>
      narrate({ step: "chunk", key, device: "dev:1", totalChunks: 9, bytes, size: 100 })?.meter?.isNewTenth;
    expect([enters("a", 0), enters("a", 9), enters("b", 9), enters("a", 95), enters("a", 100)]).toEqual([
      true,
      false,
      true,
      true,
      false,
    ]);
    const ended = { key: "a", device: "dev:1", path: "a", way: "whole", fetched: 100 } as const;
    narrate({ step: "installed", ...ended });
    expect(enters("a", 95)).toBe(true);
  });

  test("shows a hostile key without obeying it", () => {
    const narrate = createNarrator({ linkUse: () => ({ bytes: 0, messages: 0 }), now: () => 0 });
    const told = narrate({ step: "uploaded", key: "a\u001b[2Jb\u202e\n", bytes: 1 });
    expect(told?.text).toContain("a\\u{1b}[2Jb\\u{202e}\\u{a}");
  });
});

describe("logs", () => {
  test("the notifier's lines become steps", () => {
    expect(readNotifierLog('{"message":"announced","key":"k","device":"dev:1","size":7}')).toEqual({
      step: "announced",
      key: "k",
      device: "dev:1",
      bytes: 7,
    });
    expect(readNotifierLog('{"message":"retrying","key":"k","reason":"429","seconds":7}')).toEqual({
      step: "notice",
      key: "k",
      what: "retrying",
      detail: "429; again in 7 s",
      ends: false,
    });
  });

  test.each([
    [{ message: "refused", reason: "path", detail: "the path is empty" }, "refused", "the path is empty"],
    [{ message: "no-target" }, "ignored", "write devices/<UID>/"],
    [{ message: "ignored", reason: "folder" }, "ignored", "a folder marker"],
    [
      { message: "ignored", reason: "deleted; devices keep their copy" },
      "deleted",
      "in the bucket; devices keep their copy",
    ],
    [{ message: "gone", device: "dev:1" }, "deleted", "keeps its copy"],
    [
      { message: "retrying", reason: "paced", detail: "used up", seconds: 7 },
      "retrying",
      "used up; again in 7 s",
    ],
    [{ message: "dead-lettered", reason: "rejected" }, "given up", "redrive"],
  ])("what the notifier decides is told as a sentence: %j", (line, what, said) => {
    const event = readNotifierLog(JSON.stringify({ key: "k", ...line }));
    expect(event).toMatchObject({ step: "notice", what, detail: expect.stringContaining(said) });
  });

  test.each(["constructor", "__proto__", "toString"])(
    "a message that is no decision is none: %s",
    (message) => {
      expect(readNotifierLog(JSON.stringify({ message, key: "k" }))).toBeUndefined();
    },
  );

  test("the agent's lines become steps", () => {
    expect(readAgentLog('{"event":"retrying","name":"k","reason":"busy"}', "dev:2")).toMatchObject({
      device: "dev:2",
      what: "retrying",
      ends: false,
    });
    expect(readAgentLog('{"event":"superseded","name":"k"}', "dev:2")).toMatchObject({ ends: true });
  });

  test("how a delivery ended is told by its receipt, whoever the device's host is", () => {
    const recorded = (said: object) =>
      readRecorderLog(JSON.stringify({ message: "recorded", kind: "receipt", device: "dev:1", ...said }));
    const key = "devices/dev:1/app/main.py";
    const installed = { key, state: "installed", deliveryState: "installed" };
    expect(recorded({ ...installed, way: "zstd", bytes: 301 })).toEqual({
      ...{ step: "installed", key, device: "dev:1", path: "app/main.py", way: "zstd", fetched: 301 },
    });
    expect(recorded(installed)).toMatchObject({ way: "whole", fetched: 0 }); // of an agent of 0.1.0
    expect(recorded({ key, state: "failed", reason: "run", deliveryState: "rolled-back" })).toMatchObject({
      what: "rolled back",
      ends: true,
      detail: "it did not run: the version before is back",
    });
    expect(
      recorded({ key, state: "failed", reason: "run", ended: "exit 3", deliveryState: "rolled-back" }),
    ).toMatchObject({ detail: "it did not run (exit 3): the version before is back" });
    expect(
      recorded({ key: "a//b", state: "refused", reason: "path", deliveryState: "refused" }),
    ).toMatchObject({
      what: "refused",
      detail: "path: upload it under a key that is a plain path",
    });
    expect(recorded({ key, state: "installed" })).toBeUndefined(); // a copy, or late
  });

  test.each(["", "START RequestId", '{"message":"hello"}', '{"event":"ready"}', "null", "[1]"])(
    "%j is not a step",
    (line) => {
      expect(readNotifierLog(line)).toBeUndefined();
      expect(readAgentLog(line, "dev:1")).toBeUndefined();
      expect(readRecorderLog(line)).toBeUndefined();
    },
  );
});
