import fc from "fast-check";
import { expect, test } from "vitest";
import { readDeadLetter } from "../../../../operator/cloud/queues/dead-letter.ts";

const s3 = (...keys: string[]) =>
  JSON.stringify({ Records: keys.map((key) => ({ s3: { object: { key } } })) });

test("an event names its keys as they are, a device's message the device too", () => {
  expect(readDeadLetter(s3("a+b%2B%C3%A9.txt", "c"), "why")).toEqual({
    keys: ["a b+é.txt", "c"],
    reason: "why",
  });
  const announce = { device: "dev:1", announcement: { name: "a+b" } };
  expect(readDeadLetter(JSON.stringify({ announce }), undefined)).toEqual({ keys: ["a+b"], device: "dev:1" });
  expect(readDeadLetter(s3("100%"), undefined)).toEqual({ keys: ["100%"] });
});

test("what is asked about fleets names its key, or the fleet", () => {
  const read = (message: object) => readDeadLetter(JSON.stringify(message), undefined);
  expect(read({ announceFleet: { fleet: "fleet:a", revision: 1 } })).toEqual({ keys: [], fleet: "fleet:a" });
  expect(read({ share: { bucket: "files", key: "a+b", versionId: "v", percent: 1 } })).toEqual({
    keys: ["a+b"],
  });
  expect(read({ look: { bucket: "files", key: "c" } })).toEqual({ keys: ["c"] });
  expect(read({ sweep: {} })).toEqual({ keys: [] });
});

test("nothing that is in a queue is thrown over", () => {
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    fc.constant(undefined),
    fc.string().map((key) => s3(key)),
  );
  fc.assert(
    fc.property(body, (text) => {
      expect(readDeadLetter(text, "why").reason).toBe("why");
    }),
  );
});
