import { expect, test } from "vitest";
import { createJob } from "../../../../local/aws/iot/jobs/job-commands.ts";
import { iotUnderTest } from "./support/iot-under-test.ts";

test("a device hears of a job, gets it without a subscription, and reports it done", async () => {
  const iot = await iotUnderTest();
  const device = await iot.connect("pump");
  await device.client.subscribeAsync("$aws/things/pump/jobs/notify-next", { qos: 1 });
  iot.engine.perform((turn) =>
    createJob(turn, {
      id: "j1",
      document: '{"a":1}',
      description: undefined,
      targets: ["arn:aws:iot:us-east-1:000000000000:thing/pump"],
      continuous: false,
      config: {},
    }),
  );
  iot.flush();
  expect(await device.next("notify-next")).toMatchObject({
    execution: { jobId: "j1", jobDocument: { a: 1 } },
  });
  expect(await device.ask("$next/get")).toMatchObject({
    payload: { execution: { jobId: "j1", versionNumber: 1 } },
  });
  expect(await device.ask("j1/update", { status: "IN_PROGRESS" })).toMatchObject({ accepted: true });
  expect(await device.ask("j1/update", { status: "SUCCEEDED", expectedVersion: "2" })).toMatchObject({
    accepted: true,
  });
  expect(await device.next("notify-next")).not.toHaveProperty("execution");
  expect(iot.faults).toEqual([]);
});
