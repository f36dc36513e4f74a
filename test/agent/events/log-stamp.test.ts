import { closeSync, fstatSync, openSync } from "node:fs";
import { expect, test } from "vitest";
import type { AgentEvent } from "../../../agent/events/agent-event.ts";
import { createStamp, JOURNAL_STAMP, levelOf } from "../../../agent/events/log-stamp.ts";
import { isJournal } from "../../../agent/system/journal-stream.ts";

test("a line of a log begins with the time in UTC and the level, one of the journal with syslog's priority", () => {
  const stamp = createStamp(() => Date.UTC(2026, 0, 2, 3, 4, 5, 678));
  expect(stamp("info")).toBe("2026-01-02T03:04:05Z info    ");
  expect(stamp("warning")).toBe("2026-01-02T03:04:05Z warning ");
  expect(JOURNAL_STAMP("error")).toBe("<3>");
  expect(JOURNAL_STAMP("info")).toBe("<6>");
});

const failed = { event: "failed", name: "a", reason: "run", detail: "exit 1" } as const;
const brought = { event: "brought", fleet: "f", serial: 1, installed: 0, unchanged: 0, removed: 0 } as const;

test.each<[AgentEvent, string]>([
  [failed, "error"],
  [{ ...failed, retrySeconds: 60 }, "warning"],
  [{ event: "refused", name: "a", reason: "path", detail: "" }, "error"],
  [{ event: "restored", name: "a", path: "a", detail: "" }, "error"],
  [{ event: "waiting", reason: "gone" }, "warning"],
  [{ event: "job-refused", job: "nf-1 1", status: "FAILED", detail: "InvalidRequest: " }, "warning"],
  [{ event: "report-given-up", state: "installed", about: "a" }, "warning"],
  [{ ...brought, exceptions: 0, bytes: 0, requests: 0 } as AgentEvent, "info"],
  [{ ...brought, exceptions: 1, bytes: 0, requests: 0 } as AgentEvent, "warning"],
  [{ event: "ready", link: "tcp://x", root: "/" }, "info"],
])("%j is worth: %s", (event, level) => {
  expect(levelOf(event)).toBe(level);
});

test("only the stream that the variable names is the journal's", () => {
  const descriptor = openSync("/dev/null", "r");
  const { dev, ino } = fstatSync(descriptor, { bigint: true });
  expect(isJournal(descriptor, `${dev}:${ino}`)).toBe(true);
  expect(isJournal(descriptor, `${dev}:${ino + 1n}`)).toBe(false);
  expect(isJournal(descriptor, undefined)).toBe(false);
  closeSync(descriptor);
  expect(isJournal(descriptor, `${dev}:${ino}`)).toBe(false);
});
