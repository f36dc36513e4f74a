import { expect, test } from "vitest";
import type { StackEvent } from "../../../local/progress/stack-event.ts";
import { uploadsOf } from "../../../local/stack/s3-hooks.ts";

test("an upload in parts has the size of the file, not of the request that ends it", () => {
  const events: StackEvent[] = [];
  const sizes = new Map([["big", 20_000_000]]);
  const observe = uploadsOf("files", { onEvent: (event) => void events.push(event) }, (key) =>
    sizes.get(key),
  );
  const about = {
    bucket: "files",
    principal: "root",
    requestId: "1",
    bytesIn: 300,
    bytesOut: 0,
    status: 200,
  };
  observe({ ...about, key: "big", operation: "CompleteMultipartUpload" });
  observe({ ...about, key: "deleted since", operation: "CopyObject" });
  expect(events).toEqual([
    { step: "uploaded", key: "big", bytes: 20_000_000 },
    { step: "uploaded", key: "deleted since", bytes: undefined },
  ]);
});

test.each([
  [200, true],
  [303, true],
  [0, false],
  [100, false],
  [412, false],
])("an upload that was answered %d is told: %s", (status, told) => {
  const events: StackEvent[] = [];
  const observe = uploadsOf("files", { onEvent: (event) => void events.push(event) }, () => 7);
  const about = { bucket: "files", key: "a", principal: "root", requestId: "1", bytesIn: 1, bytesOut: 0 };
  observe({ ...about, operation: "PutObject", status });
  expect(events).toEqual(told ? [{ step: "uploaded", key: "a", bytes: 7 }] : []);
});
