import { CreateJobCommand, UpdateEventConfigurationsCommand } from "@aws-sdk/client-iot";
import {
  DescribeJobExecutionCommand,
  GetPendingJobExecutionsCommand,
  StartNextPendingJobExecutionCommand,
  UpdateJobExecutionCommand,
} from "@aws-sdk/client-iot-jobs-data-plane";
import { expect, test } from "vitest";
import type { AccessRequest } from "../../../../../local/aws/iam/authorize.ts";
import { thingArn } from "../support/device-policy.ts";
import { iotUnderTest } from "../support/iot-under-test.ts";

const PUMP = { thingName: "pump" };

test("a device without MQTT takes a job and reports it", async () => {
  const { clients } = await iotUnderTest();
  const asked: AccessRequest[] = [];
  const { control, data } = await clients((request) => asked.push(request) > 0);
  expect(await data.send(new StartNextPendingJobExecutionCommand(PUMP))).not.toHaveProperty("execution");
  await control.send(new CreateJobCommand({ jobId: "j", targets: [thingArn("pump")], document: '{"a":1}' }));
  expect(await data.send(new GetPendingJobExecutionsCommand(PUMP))).toMatchObject({
    ...{ inProgressJobs: [], queuedJobs: [{ jobId: "j", versionNumber: 1 }] },
  });
  const first = await data.send(new DescribeJobExecutionCommand({ ...PUMP, jobId: "$next" }));
  expect(first.execution).toMatchObject({ ...PUMP, jobId: "j", status: "QUEUED", jobDocument: '{"a":1}' });
  const started = await data.send(
    new StartNextPendingJobExecutionCommand({
      ...PUMP,
      statusDetails: { by: "me" },
      stepTimeoutInMinutes: 1,
    }),
  );
  expect(started.execution).toMatchObject({ status: "IN_PROGRESS", versionNumber: 2, startedAt: 1767225600 });
  const one = { ...PUMP, jobId: "j" };
  const bare = await data.send(new DescribeJobExecutionCommand({ ...one, includeJobDocument: false }));
  expect(bare.execution).toMatchObject({ approximateSecondsBeforeTimedOut: 60, statusDetails: { by: "me" } });
  expect(bare.execution).not.toHaveProperty("jobDocument");
  const update = { ...one, status: "SUCCEEDED" as const, includeJobExecutionState: true };
  await expect(
    data.send(new UpdateJobExecutionCommand({ ...update, expectedVersion: 1 })),
  ).rejects.toMatchObject({
    name: "VersionMismatchException",
  });
  expect(await data.send(new UpdateJobExecutionCommand({ ...update, expectedVersion: 2 }))).toMatchObject({
    executionState: { status: "SUCCEEDED", versionNumber: 3 },
  });
  await expect(data.send(new UpdateJobExecutionCommand(update))).rejects.toMatchObject({
    name: "InvalidStateTransitionException",
  });
  await expect(data.send(new DescribeJobExecutionCommand(one))).rejects.toMatchObject({
    name: "TerminalStateException",
  });
  const [action] = asked.slice(-1);
  expect(action).toMatchObject({ action: "iotjobsdata:DescribeJobExecution", resource: thingArn("pump") });
});

test("ends are told as events once they are put on, and a rule may listen", async () => {
  const { clients, published, iot } = await iotUnderTest();
  const { control, data } = await clients();
  const succeed = async (jobId: string) => {
    await control.send(new CreateJobCommand({ jobId, targets: [thingArn("pump")], document: "{}" }));
    await data.send(
      new UpdateJobExecutionCommand({ ...PUMP, jobId, status: "SUCCEEDED", statusDetails: { w: "1" } }),
    );
    await iot.settled();
  };
  const events = () => published.filter(({ topic }) => topic.startsWith("$aws/events/"));
  await succeed("off");
  expect(events()).toEqual([]);
  const eventConfigurations = { JOB_EXECUTION: { Enabled: true } };
  await control.send(new UpdateEventConfigurationsCommand({ eventConfigurations }));
  await succeed("on");
  const [event] = events();
  expect(event?.topic).toBe("$aws/events/jobExecution/on/succeeded");
  expect(JSON.parse(event?.payload.toString() ?? "")).toMatchObject({
    ...{ eventType: "JOB_EXECUTION", operation: "succeeded", jobId: "on", status: "SUCCEEDED" },
    ...{ thingArn: thingArn("pump"), statusDetails: { w: "1" } },
  });
  const others = { eventConfigurations: { THING: { Enabled: true } } };
  await expect(control.send(new UpdateEventConfigurationsCommand(others))).rejects.toThrow("THING");
});
