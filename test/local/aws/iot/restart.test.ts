import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { CreateJobCommand, DescribeJobExecutionCommand } from "@aws-sdk/client-iot";
import { expect, onTestFinished, test } from "vitest";
import { thingArn } from "./support/device-policy.ts";
import { iotUnderTest } from "./support/iot-under-test.ts";

test("a restart keeps jobs and where they are, and does what fell due meanwhile", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-iot-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, "iot.sqlite");
  const first = await iotUnderTest({ file });
  const clients = await first.clients();
  const create = (jobId: string) =>
    new CreateJobCommand({
      ...{ jobId, targets: [thingArn("pump")], document: '{"n":1}' },
      timeoutConfig: { inProgressTimeoutInMinutes: 1 },
    });
  await clients.control.send(create("j1"));
  await clients.control.send(create("j2"));
  const device = await first.connect("pump");
  await device.ask("start-next", { statusDetails: { at: "half" } });
  await first.iot.close();

  const again = await iotUnderTest({ file });
  expect(await (await again.connect("pump")).ask("$next/get")).toMatchObject({
    payload: {
      execution: { jobId: "j1", versionNumber: 2, statusDetails: { at: "half" }, jobDocument: { n: 1 } },
    },
  });
  await again.iot.close();

  const later = await iotUnderTest({ file, clock: () => first.now.ms + 60_000 });
  const { control } = await later.clients();
  const { execution } = await control.send(
    new DescribeJobExecutionCommand({ jobId: "j1", thingName: "pump" }),
  );
  expect(execution?.status).toBe("TIMED_OUT");
  expect(await (await later.connect("pump")).ask("$next/get")).toMatchObject({
    payload: { execution: { jobId: "j2" } },
  });
});
