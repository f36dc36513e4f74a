import * as v from "valibot";
import { isManifestVariable } from "../../protocol/manifest-variable.ts";
import { parseJson } from "./notifier-log.ts";
import type { StackEvent } from "./stack-event.ts";

const Line = v.variant("event", [
  v.object({
    event: v.literal("chunk"),
    name: v.string(),
    totalChunks: v.number(),
    bytes: v.number(),
    size: v.number(),
  }),
  v.object({
    event: v.picklist(["retrying", "superseded"]),
    name: v.string(),
    reason: v.optional(v.string(), ""),
    detail: v.optional(v.string(), ""),
    seconds: v.optional(v.number()),
  }),
  v.object({
    event: v.literal("brought"),
    fleet: v.string(),
    serial: v.number(),
    installed: v.number(),
    removed: v.number(),
    exceptions: v.number(),
  }),
]);

/** Reads one line of an agent's `--json` output; undefined if it says nothing of what comes before a delivery's receipt. */
export function readAgentLog(line: string, device: string): StackEvent | undefined {
  const parsed = v.safeParse(Line, parseJson(line));
  if (!parsed.success) return undefined;
  const said = parsed.output;
  if (said.event === "brought") {
    const { event: step, fleet, ...counts } = said;
    return { step, key: fleet, device, ...counts };
  }
  const key = said.name;
  if (said.event === "chunk") {
    if (isManifestVariable(key)) return undefined; // what a manifest costs is told with the files
    const { totalChunks, bytes, size } = said;
    return { step: "chunk", key, device, totalChunks, bytes, size };
  }
  const { reason, detail, seconds } = said;
  const why = detail === "" ? reason : `${reason}: ${detail}`;
  return {
    step: "notice",
    key,
    device,
    what: said.event,
    detail: seconds === undefined ? why : `${why}; again in ${seconds.toFixed(1)} s`,
    ends: said.event === "superseded",
  };
}
