import * as v from "valibot";
import { parseTarget } from "../../../protocol/target.ts";
import { type ReportReading, readReport, receivedAt } from "./report.ts";

/** Bytes of a message that a report could be. */
const BODY_MAX_BYTES = 64 * 1024;

/**
 * What the topic rule makes of a message: `thing` is from the topic, to which the policy lets each thing publish to its own alone. No more is
 * believed: the body is a stranger's. [NF-13.6]
 */
const RuleEvent = v.object({
  thing: v.string(),
  /** Base64, which the rule made. */
  body: v.pipe(v.string(), v.maxLength(Math.ceil(BODY_MAX_BYTES / 3) * 4)),
  /** When AWS IoT got it, milliseconds since the epoch. */
  received: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1e14))),
});

/**
 * @param text JSON of what the rule selected, as its action puts it into a queue
 * @param now milliseconds since the epoch, for an event that says no time
 */
export function readRuleEvent(text: string, now: number): ReportReading {
  const parsed = v.safeParse(RuleEvent, parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return { kind: "unreadable", reason: `no event of the topic rule: ${v.getDotPath(issue) ?? "itself"}` };
  }
  const { thing, body, received } = parsed.output;
  const device = `thing:${thing}`;
  if (parseTarget(device)?.kind !== "thing")
    return { kind: "unreadable", reason: "its topic names no thing" };
  const at = receivedAt(received, now);
  return readReport(device, at, parseJson(decode(Buffer.from(body, "base64"))), at);
}

/** Undefined for what is no UTF-8. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
