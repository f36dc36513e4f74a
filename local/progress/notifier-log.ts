import * as v from "valibot";
import type { StackEvent } from "./stack-event.ts";

const Line = v.looseObject({
  message: v.string(),
  key: v.string(),
  device: v.optional(v.string(), ""),
  devices: v.optional(v.number(), 0),
  size: v.optional(v.number(), 0),
  payload: v.optional(v.number()),
  reason: v.optional(v.string(), ""),
  seconds: v.optional(v.number()),
});

const ManifestLine = v.object({
  message: v.literal("manifest-announced"),
  fleet: v.string(),
  serial: v.number(),
  files: v.number(),
  size: v.number(),
  step: v.optional(v.number()),
});

/** Log messages of the notifier that tell of trouble or of a decision, and are shown as they are. */
const NOTICES = ["refused", "superseded", "no-target", "retrying", "dead-lettered"];

/** Reads one line of the notifier's log; undefined if it says nothing of a file's way. */
export function readNotifierLog(line: string): StackEvent | undefined {
  const json = parseJson(line);
  const told = v.safeParse(ManifestLine, json);
  if (told.success) {
    const { fleet: key, serial, files, size: bytes, step: stepBytes } = told.output;
    return { step: "manifest", key, serial, files, bytes, stepBytes };
  }
  const parsed = v.safeParse(Line, json);
  if (!parsed.success) return undefined;
  const { message, key, device, devices, size, payload, reason, seconds } = parsed.output;
  if (message === "announced") return { step: "announced", key, device, bytes: size, payload };
  if (message === "fanned-out") return { step: "fanned-out", key, devices };
  if (message === "gone" || (message === "ignored" && reason.startsWith("deleted"))) {
    return { step: "notice", key, what: "deleted", detail: "devices keep their copy", ends: false };
  }
  if (!NOTICES.includes(message)) return undefined;
  const wait = seconds === undefined ? "" : ` in ${seconds} s`;
  const about = device === "" ? { key } : { key, device };
  return { step: "notice", ...about, what: message, detail: `${reason}${wait}`, ends: false };
}

export function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // not every line of a log is ours
  }
}
