import {
  CancelJobCommand,
  CancelJobExecutionCommand,
  CreateJobCommand,
  DeleteJobCommand,
  DescribeJobCommand,
  DescribeJobExecutionCommand,
  type IoTClient,
} from "@aws-sdk/client-iot";
import { describe, expect, test } from "vitest";
import { jobArn, thingArn } from "../support/device-policy.ts";
import { iotUnderTest } from "../support/iot-under-test.ts";

const MINUTE_MS = 60_000;

const create = (control: IoTClient, jobId: string, more: Partial<CreateJobCommand["input"]> = {}) =>
  control.send(new CreateJobCommand({ jobId, targets: [thingArn("pump")], document: "{}", ...more }));

async function started(options: Parameters<typeof iotUnderTest>[0] = {}) {
  const under = await iotUnderTest(options);
  const { control } = await under.clients();
  const device = await under.connect("pump");
  return { ...under, control, device };
}

describe("updates", () => {
  test("of another version are refused with the state, and leave it", async () => {
    const { control, device } = await started();
    await create(control, "j");
    const details = { progress: "40%" };
    expect(
      await device.ask("j/update", {
        ...{ status: "IN_PROGRESS", statusDetails: details, includeJobExecutionState: true },
        ...{ includeJobDocument: true, expectedVersion: 1, executionNumber: "1", clientToken: "t" },
      }),
    ).toMatchObject({
      accepted: true,
      payload: {
        executionState: { status: "IN_PROGRESS", statusDetails: details, versionNumber: 2 },
        jobDocument: {},
        clientToken: "t",
      },
    });
    expect(await device.ask("j/update", { status: "FAILED", expectedVersion: 1 })).toMatchObject({
      accepted: false,
      payload: {
        code: "VersionMismatch",
        executionState: { status: "IN_PROGRESS", statusDetails: details, versionNumber: 2 },
      },
    });
    expect(await device.ask("j/get")).toMatchObject({ payload: { execution: { versionNumber: 2 } } });
  });

  test("without details keep those that there are, and with details replace them", async () => {
    const { control, device } = await started();
    await create(control, "j");
    const update = async (statusDetails: unknown) => {
      const request = { status: "IN_PROGRESS", statusDetails, includeJobExecutionState: true };
      return (await device.ask("j/update", request)).payload.executionState;
    };
    expect(await update({ a: "1" })).toMatchObject({ statusDetails: { a: "1" } });
    expect(await update(null)).toMatchObject({ statusDetails: { a: "1" } });
    expect(await update({ b: "2" })).toMatchObject({ statusDetails: { b: "2" } });
  });

  test("of what has ended are refused, and it cannot be described any more", async () => {
    const { control, device } = await started();
    await create(control, "j");
    await device.ask("j/update", { status: "REJECTED" });
    expect(await device.ask("j/update", { status: "SUCCEEDED" })).toMatchObject({
      accepted: false,
      payload: { code: "InvalidStateTransition", executionState: { status: "REJECTED", versionNumber: 2 } },
    });
    expect(await device.ask("j/get")).toMatchObject({ payload: { code: "TerminalStateReached" } });
    expect(await device.ask("other/get")).toMatchObject({ payload: { code: "ResourceNotFound" } });
  });

  test.each([
    [{}, "InvalidRequest"],
    [{ status: "IN_PROGRESS", stepTimeoutInMinutes: 0 }, "InvalidRequest"],
    [{ status: "IN_PROGRESS", statusDetails: { a: 1 } }, "InvalidRequest"],
    [{ status: "IN_PROGRESS", statusDetails: { "a b": "1" } }, "InvalidRequest"],
    [{ status: "IN_PROGRESS", expectedVersion: "one" }, "InvalidRequest"],
    [{ status: "CANCELED" }, "InvalidStateTransition"],
    ["[]", "InvalidRequest"],
    ["{", "InvalidJson"],
    [Buffer.from([0xff, 0xfe]), "InvalidJson"],
  ])("%j is refused as %s", async (request, code) => {
    const { control, device } = await started();
    await create(control, "j");
    expect(await device.ask("j/update", request)).toMatchObject({ accepted: false, payload: { code } });
  });
});

describe("the order", () => {
  test("is that of creation, what is in progress first, and notify-next tells when the first is another", async () => {
    const { control, device } = await started();
    await device.client.subscribeAsync("$aws/things/pump/jobs/notify-next", { qos: 1 });
    await create(control, "j1");
    await create(control, "j2");
    const next = async () => (await device.next("notify-next")).execution;
    expect(await next()).toMatchObject({ jobId: "j1" });
    await device.ask("j2/update", { status: "IN_PROGRESS" });
    expect(await next()).toMatchObject({ jobId: "j2", status: "IN_PROGRESS" });
    await device.ask("j1/update", { status: "IN_PROGRESS" });
    expect(await next()).toMatchObject({ jobId: "j1" });
    expect(await device.ask("get")).toMatchObject({
      payload: { inProgressJobs: [{ jobId: "j1" }, { jobId: "j2" }], queuedJobs: [] },
    });
    await device.ask("j1/update", { status: "IN_PROGRESS", statusDetails: { step: "2" } }); // changes no order
    await device.ask("j1/update", { status: "SUCCEEDED" });
    expect(await next()).toMatchObject({ jobId: "j2" });
    await device.ask("j2/update", { status: "FAILED" });
    expect(await next()).toBeUndefined();
    expect(device.received).toEqual([]);
  });

  test("start-next starts what is queued, gives what is started as it is, and nothing where there is nothing", async () => {
    const { control, device } = await started();
    expect(await device.ask("start-next", "")).toEqual({
      accepted: true,
      payload: { timestamp: 1767225600 },
    });
    await create(control, "j", { document: '{"a":[1]}' });
    const first = await device.ask("start-next", { statusDetails: { by: "me" } });
    expect(first.payload.execution).toEqual({
      jobId: "j",
      status: "IN_PROGRESS",
      statusDetails: { by: "me" },
      queuedAt: 1767225600,
      startedAt: 1767225600,
      lastUpdatedAt: 1767225600,
      versionNumber: 2,
      executionNumber: 1,
      jobDocument: { a: [1] },
    });
    const again = await device.ask("start-next", { statusDetails: { by: "you" } });
    expect(again.payload.execution).toEqual(first.payload.execution);
  });

  test("notify lists what is pending by its status", async () => {
    const { control, device } = await started();
    await device.client.subscribeAsync("$aws/things/pump/jobs/notify", { qos: 1 });
    await create(control, "j1");
    expect(await device.next("notify")).toMatchObject({
      jobs: { QUEUED: [{ jobId: "j1", versionNumber: 1 }] },
    });
    await device.ask("j1/update", { status: "IN_PROGRESS" });
    expect(await device.next("notify")).toMatchObject({ jobs: { IN_PROGRESS: [{ jobId: "j1" }] } });
    await device.ask("j1/update", { status: "SUCCEEDED" });
    expect(await device.next("notify")).toEqual({ timestamp: 1767225600, jobs: {} });
  });
});

describe("time-outs", () => {
  test("of the job run from its start, of a step from its update; -1 ends the latter", async () => {
    const { control, device, iot, now } = await started();
    await create(control, "j", { timeoutConfig: { inProgressTimeoutInMinutes: 10 } });
    const status = async () => (await control.send(command)).execution;
    const command = new DescribeJobExecutionCommand({ jobId: "j", thingName: "pump" });
    now.ms += 60 * MINUTE_MS; // being queued is no progress
    iot.runDue();
    await device.ask("j/update", { status: "IN_PROGRESS", stepTimeoutInMinutes: 5 });
    expect(await status()).toMatchObject({ approximateSecondsBeforeTimedOut: 300 });
    await device.ask("j/update", { status: "IN_PROGRESS", stepTimeoutInMinutes: -1 });
    now.ms += 6 * MINUTE_MS;
    iot.runDue();
    expect(await status()).toMatchObject({ status: "IN_PROGRESS", approximateSecondsBeforeTimedOut: 240 });
    now.ms += 4 * MINUTE_MS;
    iot.runDue();
    expect(await status()).toMatchObject({ status: "TIMED_OUT" });
  });

  test("are retried as a further execution, which the device hears of", async () => {
    const { control, device, iot, now } = await started();
    await device.client.subscribeAsync("$aws/things/pump/jobs/notify-next", { qos: 1 });
    await create(control, "j", {
      timeoutConfig: { inProgressTimeoutInMinutes: 1 },
      jobExecutionsRetryConfig: { criteriaList: [{ failureType: "TIMED_OUT", numberOfRetries: 1 }] },
    });
    await device.next("notify-next");
    await device.ask("start-next");
    now.ms += MINUTE_MS;
    iot.runDue();
    expect(await device.next("notify-next")).toMatchObject({
      execution: { jobId: "j", executionNumber: 2, versionNumber: 1, status: "QUEUED" },
    });
  });
});

describe("cancelling", () => {
  test("leaves what is in progress, unless it is forced", async () => {
    const { control, device } = await started();
    for (const jobId of ["j1", "j2"])
      await create(control, jobId, { targets: [thingArn("pump"), thingArn("valve")] });
    await device.ask("j1/update", { status: "IN_PROGRESS" });
    await device.ask("j2/update", { status: "IN_PROGRESS" });
    expect(await control.send(new CancelJobCommand({ jobId: "j1", reasonCode: "NEWER" }))).toMatchObject({
      jobArn: jobArn("j1"),
    });
    await control.send(new CancelJobCommand({ jobId: "j2", force: true }));
    const { job } = await control.send(new DescribeJobCommand({ jobId: "j1" }));
    expect(job).toMatchObject({
      status: "CANCELED",
      reasonCode: "NEWER",
      jobProcessDetails: { numberOfInProgressThings: 1, numberOfCanceledThings: 1 },
    });
    expect(await device.ask("j1/update", { status: "SUCCEEDED" })).toMatchObject({ accepted: true });
    expect(await device.ask("j2/update", { status: "SUCCEEDED" })).toMatchObject({
      payload: { code: "InvalidStateTransition", executionState: { status: "CANCELED" } },
    });
    await create(control, "j3");
    await device.ask("j3/update", { status: "SUCCEEDED" });
    await expect(control.send(new CancelJobCommand({ jobId: "j3" }))).rejects.toThrow("COMPLETED");
  });

  test("one execution leaves the others", async () => {
    const { control, device } = await started();
    await create(control, "j", { targets: [thingArn("pump"), thingArn("valve")] });
    await device.ask("start-next");
    const one = { jobId: "j", thingName: "pump" };
    await expect(control.send(new CancelJobExecutionCommand(one))).rejects.toMatchObject({
      name: "InvalidStateTransitionException",
    });
    await expect(
      control.send(new CancelJobExecutionCommand({ ...one, force: true, expectedVersion: 7 })),
    ).rejects.toMatchObject({ name: "VersionConflictException" });
    await control.send(new CancelJobExecutionCommand({ ...one, force: true }));
    const { job } = await control.send(new DescribeJobCommand({ jobId: "j" }));
    expect(job?.jobProcessDetails).toMatchObject({ numberOfCanceledThings: 1, numberOfQueuedThings: 1 });
  });

  test("a job in progress is deleted by force alone, and its things are told", async () => {
    const { control, device } = await started();
    await device.client.subscribeAsync("$aws/things/pump/jobs/notify-next", { qos: 1 });
    await create(control, "j");
    await device.next("notify-next");
    await expect(control.send(new DeleteJobCommand({ jobId: "j" }))).rejects.toMatchObject({
      name: "InvalidStateTransitionException",
    });
    await control.send(new DeleteJobCommand({ jobId: "j", force: true }));
    expect(await device.next("notify-next")).toEqual({ timestamp: 1767225600 });
    await expect(control.send(new DescribeJobCommand({ jobId: "j" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });
});
