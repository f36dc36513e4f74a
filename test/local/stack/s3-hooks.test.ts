import { expect, test } from "vitest";
import type { StackEvent } from "../../../local/progress/stack-event.ts";
import { uploadsOf } from "../../../local/stack/s3-hooks.ts";

test.each([
  [200, true],
  [303, true],
  [0, false],
  [100, false],
  [412, false],
])("an upload that was answered %d is told: %s", (status, told) => {
  const events: StackEvent[] = [];
  const observe = uploadsOf("files", { onEvent: (event) => void events.push(event) });
  const about = { bucket: "files", key: "a", principal: "root", requestId: "1", bytesIn: 1, bytesOut: 0 };
  observe({ ...about, operation: "PutObject", status });
  expect(events).toEqual(told ? [{ step: "uploaded", key: "a", bytes: 1 }] : []);
});
