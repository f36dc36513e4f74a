import * as v from "valibot";
import { RECEIPT_NOTEFILE } from "../../../protocol/notefiles.ts";
import { parseTarget } from "../../../protocol/target.ts";
import { type ReportReading, readReport, receivedAt } from "./report.ts";

const DeviceUid = v.pipe(
  v.string(),
  v.check((uid) => parseTarget(uid)?.kind === "device"),
);
/** Seconds since the epoch. */
const Seconds = v.pipe(v.number(), v.minValue(0), v.maxValue(1e11));

/**
 * An event as a Notehub route of the type HTTP posts it, as far as we read it.
 * https://dev.blues.io/notehub/notehub-walkthrough/#understanding-notehub-events
 */
const NotehubEvent = v.object({
  device: DeviceUid,
  file: v.string(),
  body: v.optional(v.unknown()),
  /** When Notehub got it. */
  received: v.optional(Seconds),
  /** When the Notecard queued it, by its own clock, which knows no time before it has connected once. */
  when: v.optional(Seconds),
});

export type EventReading = ReportReading | { kind: "ignored"; file: string };

/**
 * Reads an event. A receipt of 0.1.0 has no number: when the Notecard queued it stands for that, which is what numbers
 * begin with. [NF-9.7]
 *
 * @param now milliseconds since the epoch, for an event that says no time
 */
export function readNotehubEvent(text: string, now: number): EventReading {
  const parsed = v.safeParse(NotehubEvent, parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return { kind: "unreadable", reason: `no event of Notehub: ${v.getDotPath(issue) ?? "itself"}` };
  }
  const { device, file, body, received, when } = parsed.output;
  if (file !== RECEIPT_NOTEFILE) return { kind: "ignored", file };
  const at = receivedAt(received && received * 1000, now);
  return readReport(device, at, body, Math.max(1, Math.floor(when || at / 1000) * 1000));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
