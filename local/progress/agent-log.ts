import * as v from "valibot";
import { parseJson } from "./notifier-log.ts";
import type { StackEvent } from "./stack-event.ts";

const Line = v.variant("event", [
  v.object({
    event: v.literal("chunk"),
    name: v.string(),
    chunk: v.number(),
    totalChunks: v.number(),
    size: v.number(),
  }),
  v.object({
    event: v.picklist(["retrying", "superseded"]),
    name: v.string(),
    reason: v.optional(v.string(), ""),
  }),
]);

/** Reads one line of an agent's `--json` output; undefined if it says nothing of what comes before a delivery's receipt. */
export function readAgentLog(line: string, device: string): StackEvent | undefined {
  const parsed = v.safeParse(Line, parseJson(line));
  if (!parsed.success) return undefined;
  const said = parsed.output;
  const key = said.name;
  if (said.event === "chunk") {
    return { step: "chunk", key, device, chunk: said.chunk, totalChunks: said.totalChunks, size: said.size };
  }
  return {
    step: "notice",
    key,
    device,
    what: said.event,
    detail: said.reason,
    ends: said.event === "superseded",
  };
}
