import { describe, expect, test } from "vitest";
import { readAgentLog } from "../../../local/progress/agent-log.ts";
import { createNarrator } from "../../../local/progress/narrator.ts";
import { readNotifierLog } from "../../../local/progress/notifier-log.ts";

describe("a file's way, told", () => {
  test("says each step with the bytes that crossed the link and the time it took", () => {
    let link = { bytes: 1_000, messages: 10 };
    let now = 0;
    const narrate = createNarrator(
      () => link,
      () => now,
    );
    const told = [narrate({ step: "uploaded", key: "main.py", bytes: 12_345 })];
    link = { bytes: 15_500, messages: 18 };
    now = 2_340;
    told.push(
      narrate({ step: "announced", key: "main.py", device: "dev:1" }),
      narrate({ step: "chunk", key: "main.py", chunk: 2, totalChunks: 3, bytes: 12_000, size: 12_345 }),
      narrate({ step: "chunk", key: "main.py", chunk: 3, totalChunks: 3, bytes: 12_345, size: 12_345 }),
      narrate({ step: "installed", key: "main.py", path: "main.py" }),
    );
    expect(told.map((n) => n.text)).toEqual([
      "uploaded   main.py  12,345 bytes",
      "announced  main.py  to dev:1",
      "fetching   main.py  2 of 3 chunks, 14,500 bytes on the link",
      "fetching   main.py  3 of 3 chunks, 14,500 bytes on the link",
      "installed  main.py  at main.py, took 2.3 s, 14,500 bytes in 8 messages, 1.17 of the file",
    ]);
    expect(told.map((n) => n.transient)).toEqual([false, false, true, false, false]);
  });

  test("shows a hostile key without obeying it", () => {
    const narrate = createNarrator(
      () => ({ bytes: 0, messages: 0 }),
      () => 0,
    );
    const { text } = narrate({ step: "uploaded", key: "a\u001b[2Jb\u202e\n", bytes: 1 });
    expect(text).toContain("a\\u{1b}[2Jb\\u{202e}\\u{a}");
  });
});

describe("logs", () => {
  test("the notifier's lines become steps", () => {
    expect(readNotifierLog('{"message":"announced","key":"k","device":"dev:1"}')).toEqual({
      step: "announced",
      key: "k",
      device: "dev:1",
    });
    expect(readNotifierLog('{"message":"retrying","key":"k","reason":"429","seconds":7}')).toEqual({
      step: "notice",
      key: "k",
      what: "retrying",
      detail: "429 in 7 s",
    });
  });

  test("the agent's lines become steps", () => {
    expect(readAgentLog('{"event":"installed","name":"k","path":"p"}')).toEqual({
      step: "installed",
      key: "k",
      path: "p",
    });
    expect(readAgentLog('{"event":"refused","name":"k","reason":"path"}')).toMatchObject({ what: "refused" });
  });

  test.each(["", "START RequestId", '{"message":"hello"}', '{"event":"ready"}', "null", "[1]"])(
    "%j is not a step",
    (line) => {
      expect(readNotifierLog(line)).toBeUndefined();
      expect(readAgentLog(line)).toBeUndefined();
    },
  );
});
