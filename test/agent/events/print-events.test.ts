import { expect, test } from "vitest";
import type { AgentEvent } from "../../../agent/events/agent-event.ts";
import { createTextPrinter } from "../../../agent/events/print-events.ts";

const chunk = (bytes: number): AgentEvent => ({
  ...{ event: "chunk", name: "a", chunk: 1, totalChunks: 2, bytes, size: 1_234_567 },
});

/** What is written of these events. */
function written(
  events: readonly AgentEvent[],
  terminal: { isTTY?: boolean; columns?: number } = {},
): string {
  let text = "";
  const printer = createTextPrinter(
    { write: (more) => (text += more), ...terminal },
    (level) => `${level}: `,
  );
  for (const event of events) printer.print(event);
  printer.end();
  return text;
}

test("a terminal shows progress in one line, a log only what counts", () => {
  const events = [chunk(1), chunk(2000), chunk(1_234_567)];
  expect(written(events, { isTTY: true }).split("\r\u001b[K")).toEqual([
    "fetching a: 1 of 2 chunks, 1 of 1,234,567 bytes",
    "fetching a: 1 of 2 chunks, 2,000 of 1,234,567 bytes",
    "fetching a: 1 of 2 chunks, 1,234,567 of 1,234,567 bytes\n",
  ]);
  expect(written(events)).toBe("info: fetching a: 1 of 2 chunks, 1,234,567 of 1,234,567 bytes\n");
});

test("progress is no wider than the terminal, which could not write over it, and its line ends with the agent", () => {
  expect(written([chunk(1)], { isTTY: true, columns: 12 })).toBe("fetching a…\n");
});

test("a terminal cannot be made to obey a name", () => {
  const events = [
    { event: "discarded", name: "a\u001b[2J\u202e\n", reason: "file-changed" },
  ] as const satisfies AgentEvent[];
  expect(written(events)).toBe(
    "info: discarded an announcement of a\\u{1b}[2J\\u{202e}\\u{a}: file-changed\n",
  );
});

test("a report that is given up is told by what it said, and of what", () => {
  const given = { event: "report-given-up", state: "installed", about: undefined } as const;
  expect(written([given, { ...given, about: "a\n" }])).toBe(
    "warning: the report installed is given up: the link takes others, and never this one\nwarning: the report installed of a\\u{a} is given up: the link takes others, and never this one\n",
  );
});

test("what is said of a link names no Notecard, since a thing has none, and what a broker says moves no cursor", () => {
  const job = { event: "job-refused", job: "nf-1 1", status: "FAILED", detail: "Invalid\r" } as const;
  expect(written([{ event: "waiting", reason: "gone" }, job])).toBe(
    "warning: waiting, there is no link: gone\nwarning: AWS IoT does not take that job nf-1 1 is FAILED: Invalid\\u{d}; it is told again\n",
  );
});
