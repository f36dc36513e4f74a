import * as v from "valibot";
import { adviceFor } from "../../agent/commands/advice.ts";
import { pathOrKey } from "../../protocol/target.ts";
import { parseJson } from "./notifier-log.ts";
import type { StackEvent } from "./stack-event.ts";

/** A receipt that was news; copies and what came late have no state. */
const Line = v.object({
  message: v.literal("recorded"),
  kind: v.literal("receipt"),
  device: v.string(),
  key: v.string(),
  state: v.string(),
  reason: v.optional(v.string(), ""),
  ended: v.optional(v.string()),
  way: v.optional(v.string(), "whole"),
  bytes: v.optional(v.number(), 0),
  deliveryState: v.string(),
});

/** Reads one line of the recorder's log: how a delivery ended, whoever the device's host is; undefined if it says nothing of that. */
export function readRecorderLog(line: string): StackEvent | undefined {
  const parsed = v.safeParse(Line, parseJson(line));
  if (!parsed.success) return undefined;
  const { key, device, state, reason, ended, way, bytes } = parsed.output;
  if (state === "installed")
    return { step: "installed", key, device, path: pathOrKey(key), way, fetched: bytes };
  if (state === "unchanged") return { step: "unchanged", key, device };
  const rolledBack = state === "failed" && reason === "run";
  const what = rolledBack ? "rolled back" : state;
  const detail = rolledBack
    ? `it did not run${ended === undefined ? "" : ` (${ended})`}: the version before is back`
    : withAdvice(reason, pathOrKey(key));
  return { step: "notice", key, device, what, detail, ends: true };
}

function withAdvice(reason: string, path: string): string {
  const advice = adviceFor(reason, path);
  return advice === undefined ? reason : `${reason}: ${advice}`;
}
