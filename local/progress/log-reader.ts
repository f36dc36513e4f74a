import { readAgentLog } from "./agent-log.ts";
import { readNotifierLog } from "./notifier-log.ts";
import { readRecorderLog } from "./recorder-log.ts";
import type { StackEvent } from "./stack-event.ts";

/** The step that a line of a log tells of, if any; `source` is `agent`, or the function that printed it. */
export function readStackLog(source: string, line: string): StackEvent | undefined {
  return source === "agent" ? readAgentLog(line) : (readNotifierLog(line) ?? readRecorderLog(line));
}
