import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJobTopic } from "../../../../../local/aws/iot/broker/job-topic.ts";
import { readSeed } from "../../../../support/seeded-random.ts";
import { iotUnderTest } from "../support/iot-under-test.ts";

const SEED = readSeed();

const segment = fc.oneof(
  fc.constantFrom("get", "update", "start-next", "$next", "notify", "notify-next", "j", "accepted", ""),
  fc.string({ maxLength: 8 }).map((text) => text.replaceAll(/[/+#\0]/g, "")),
);
const rest = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join("/"));

const members = fc.dictionary(
  fc.constantFrom(
    "status",
    "statusDetails",
    "expectedVersion",
    "executionNumber",
    "clientToken",
    "stepTimeoutInMinutes",
  ),
  fc.oneof(fc.jsonValue(), fc.constantFrom("IN_PROGRESS", "SUCCEEDED", "1", -1, { a: "b" }, null)),
);
const payload = fc.oneof(
  members.map((object) => JSON.stringify(object)),
  fc.json(),
  fc.string(),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);

test("any payload on any topic of its jobs is answered once, and the service goes on", async () => {
  const { connect, inside } = await iotUnderTest();
  const device = await connect("pump");
  await fc.assert(
    fc.asyncProperty(rest, payload, async (name, body) => {
      fc.pre(name !== "" && name.split("/").length < 5);
      const { accepted, payload: answer } = await device.ask(name, body);
      const topic = parseJobTopic(`$aws/things/pump/jobs/${name}`);
      if (topic?.command === "unknown") expect(answer).toMatchObject({ code: "InvalidTopic" });
      if (!accepted)
        expect(answer.code).toMatch(/^(Invalid(Topic|Json|Request|StateTransition)|ResourceNotFound)$/);
      expect(device.received).toEqual([]);
    }),
    { seed: SEED, numRuns: 120 },
  );
  expect(inside).toEqual([]);
});

test("a topic stands for what it says, and for the thing that it names", () => {
  const name = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !text.includes("/"));
  fc.assert(
    fc.property(name, rest, (thing, what) => {
      const topic = parseJobTopic(`$aws/things/${thing}/jobs/${what}`);
      expect(topic?.thing).toBe(what === "" ? undefined : thing);
      if (topic?.command === "update" || topic?.command === "describe") {
        expect(what).toBe(`${topic.jobId}/${topic.command === "update" ? "update" : "get"}`);
      }
    }),
    { seed: SEED },
  );
  expect(parseJobTopic("$aws/things/pump/jobs/$next/update")).toEqual({ thing: "pump", command: "unknown" });
  for (const other of [
    "$aws/things/pump/shadow/get",
    "$aws/things/pump/jobs",
    "x/$aws/things/pump/jobs/get",
  ]) {
    expect(parseJobTopic(other)).toBeUndefined();
  }
});
