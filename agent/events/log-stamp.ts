import type { AgentEvent } from "./agent-event.ts";

export type Level = "info" | "warning" | "error";

/** What a line of a log begins with. */
export type Stamp = (level: Level) => string;

/** syslog's priorities, which journald takes off the line again. https://www.freedesktop.org/software/systemd/man/latest/sd-daemon.html */
const PRIORITY: Readonly<Record<Level, number>> = { error: 3, warning: 4, info: 6 };

/** For journald, which knows the time itself and shows levels by `journalctl -p`. */
export const JOURNAL_STAMP: Stamp = (level) => `<${PRIORITY[level]}>`;

/** For a file or a pipe: UTC, since logs of many devices are read side by side. @param now milliseconds since the epoch */
export function createStamp(now: () => number): Stamp {
  return (level) => `${new Date(now()).toISOString().slice(0, 19)}Z ${level.padEnd(7)} `;
}

/** How much an event matters to who reads the log: what a person has to look at, what passes by itself, and the rest. */
export function levelOf(event: AgentEvent): Level {
  switch (event.event) {
    case "failed":
      return event.retrySeconds === undefined ? "error" : "warning";
    case "manifest-failed":
      return event.retrySeconds === undefined ? "error" : "warning";
    case "refused":
    case "restored":
    case "unsettled":
      return "error";
    case "waiting":
    case "attn-ended":
    case "job-refused":
    case "report-given-up":
    case "retrying":
    case "fell-back":
    case "attributes-lost":
    case "stopped":
    case "unit-waits":
      return "warning";
    case "brought":
      return event.exceptions > 0 ? "warning" : "info";
    default:
      return "info";
  }
}
