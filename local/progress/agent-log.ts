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
  v.object({ event: v.literal("installed"), name: v.string(), path: v.string() }),
  v.object({ event: v.literal("unchanged"), name: v.string() }),
  v.object({
    event: v.picklist(["discarded", "refused", "retrying", "failed", "superseded"]),
    name: v.string(),
    reason: v.optional(v.string(), ""),
  }),
]);

/** Reads one line of the agent's `--json` output; undefined if it says nothing of a file's way. */
export function readAgentLog(line: string): StackEvent | undefined {
  const parsed = v.safeParse(Line, parseJson(line));
  if (!parsed.success) return undefined;
  const said = parsed.output;
  const key = said.name;
  switch (said.event) {
    case "chunk":
      return { step: "chunk", key, chunk: said.chunk, totalChunks: said.totalChunks, size: said.size };
    case "installed":
      return { step: "installed", key, path: said.path };
    case "unchanged":
      return { step: "unchanged", key };
    default:
      return {
        step: "notice",
        key,
        what: said.event,
        detail: said.reason,
        ends: said.event !== "retrying",
      };
  }
}
