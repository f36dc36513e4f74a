import { CreateJobCommand, DescribeJobCommand } from "@aws-sdk/client-iot";
import { expect, test } from "vitest";
import { thingArn } from "./support/device-policy.ts";
import { iotUnderTest } from "./support/iot-under-test.ts";

test("a device hears of a job, gets it without a subscription, and reports it done", async () => {
  const { connect, clients, inside } = await iotUnderTest();
  const { control } = await clients();
  const device = await connect("pump");
  await device.client.subscribeAsync("$aws/things/pump/jobs/notify-next", { qos: 1 });
  await control.send(
    new CreateJobCommand({ jobId: "j1", targets: [thingArn("pump")], document: '{"path":"a"}' }),
  );
  expect(await device.next("notify-next")).toEqual({
    timestamp: 1767225600,
    execution: {
      jobId: "j1",
      status: "QUEUED",
      queuedAt: 1767225600,
      lastUpdatedAt: 1767225600,
      versionNumber: 1,
      executionNumber: 1,
      jobDocument: { path: "a" },
    },
  });
  expect(await device.ask("$next/get", "")).toMatchObject({
    accepted: true,
    payload: { execution: { jobId: "j1", status: "QUEUED", versionNumber: 1, jobDocument: { path: "a" } } },
  });
  // As Nordic's aws_fota does: null for no details, its version as text, and one more for each update.
  const fota = { statusDetails: null, clientToken: "" };
  expect(await device.ask("j1/update", { ...fota, status: "IN_PROGRESS", expectedVersion: "1" })).toEqual({
    accepted: true,
    payload: { timestamp: 1767225600, clientToken: "" },
  });
  expect(await device.ask("j1/update", { ...fota, status: "SUCCEEDED", expectedVersion: "2" })).toMatchObject(
    {
      accepted: true,
    },
  );
  expect(await device.next("notify-next")).toEqual({ timestamp: 1767225600 });
  const { job } = await control.send(new DescribeJobCommand({ jobId: "j1" }));
  expect(job).toMatchObject({ status: "COMPLETED", jobProcessDetails: { numberOfSucceededThings: 1 } });
  expect(device.received).toEqual([]); // each answer came once
  expect(inside).toEqual([]);
});
