import { readNotifierLog } from "./notifier-log.ts";
import { readRecorderLog } from "./recorder-log.ts";
import type { StackEvent } from "./stack-event.ts";

/** The step that a line of a function's log tells of, if any. */
export function readFunctionLog(line: string): StackEvent | undefined {
  return readNotifierLog(line) ?? readRecorderLog(line);
}
