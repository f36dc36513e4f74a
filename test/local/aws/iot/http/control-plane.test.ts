import {
  AddThingToThingGroupCommand,
  CancelJobCommand,
  CreateJobCommand,
  type CreateJobCommandInput,
  CreateThingCommand,
  CreateThingGroupCommand,
  DeleteThingCommand,
  DescribeEndpointCommand,
  DescribeJobCommand,
  DescribeJobExecutionCommand,
  DescribeThingCommand,
  GetJobDocumentCommand,
  ListCertificatesCommand,
  ListJobExecutionsForJobCommand,
  ListJobExecutionsForThingCommand,
  ListJobsCommand,
  ListThingsInThingGroupCommand,
  paginateListThings,
  RemoveThingFromThingGroupCommand,
} from "@aws-sdk/client-iot";
import { describe, expect, test } from "vitest";
import type { AccessRequest } from "../../../../../local/aws/iam/authorize.ts";
import { groupArn, jobArn, thingArn } from "../support/device-policy.ts";
import { iotUnderTest } from "../support/iot-under-test.ts";

const job = (jobId: string, more: Partial<CreateJobCommandInput> = {}) =>
  new CreateJobCommand({ jobId, targets: [thingArn("pump")], document: '{"a":1}', ...more });

describe("CreateJob", () => {
  test("takes a hundred continuous jobs at a time, and any number of others beside them", async () => {
    const { clients } = await iotUnderTest();
    const { control } = await clients();
    const continuous = (id: number) => job(`c-${id}`, { targetSelection: "CONTINUOUS" });
    for (let id = 1; id <= 100; id += 1) await control.send(continuous(id));
    await expect(control.send(continuous(101))).rejects.toMatchObject({
      ...{ name: "LimitExceededException", $metadata: { httpStatusCode: 410 } },
    });
    await control.send(job("snapshot"));
    await control.send(new CancelJobCommand({ jobId: "c-7" }));
    await control.send(continuous(101));
    await expect(control.send(continuous(102))).rejects.toThrow("100 continuous jobs");
  });

  test("is described, listed and read as it was made", async () => {
    const { clients } = await iotUnderTest();
    const { control } = await clients();
    const config = {
      jobExecutionsRolloutConfig: {
        maximumPerMinute: 9,
        exponentialRate: {
          ...{ baseRatePerMinute: 3, incrementFactor: 1.5 },
          rateIncreaseCriteria: { numberOfSucceededThings: 2 },
        },
      },
      abortConfig: {
        criteriaList: [
          {
            ...{ failureType: "ALL" as const, action: "CANCEL" as const },
            ...{ thresholdPercentage: 12.5, minNumberOfExecutedThings: 4 },
          },
        ],
      },
      timeoutConfig: { inProgressTimeoutInMinutes: 30 },
      jobExecutionsRetryConfig: { criteriaList: [{ failureType: "FAILED" as const, numberOfRetries: 2 }] },
    };
    const made = await control.send(job("j", { description: "new", ...config }));
    expect(made).toMatchObject({ jobId: "j", jobArn: jobArn("j"), description: "new" });
    const { job: described } = await control.send(new DescribeJobCommand({ jobId: "j" }));
    expect(described).toMatchObject({
      ...{ ...config, targets: [thingArn("pump")], targetSelection: "SNAPSHOT", status: "IN_PROGRESS" },
      createdAt: new Date("2026-01-01T00:00:00Z"),
      jobProcessDetails: { numberOfQueuedThings: 1, numberOfSucceededThings: 0 },
    });
    expect(await control.send(new GetJobDocumentCommand({ jobId: "j" }))).toMatchObject({
      document: '{"a":1}',
    });
    expect((await control.send(new ListJobsCommand({ status: "IN_PROGRESS" }))).jobs).toMatchObject([
      { jobId: "j" },
    ]);
    expect((await control.send(new ListJobsCommand({ status: "CANCELED" }))).jobs).toEqual([]);
    const ofJob = await control.send(new ListJobExecutionsForJobCommand({ jobId: "j", status: "QUEUED" }));
    expect(ofJob.executionSummaries).toMatchObject([
      { thingArn: thingArn("pump"), jobExecutionSummary: { status: "QUEUED", executionNumber: 1 } },
    ]);
    const ofThing = await control.send(
      new ListJobExecutionsForThingCommand({ thingName: "pump", jobId: "j" }),
    );
    expect(ofThing.executionSummaries).toMatchObject([{ jobId: "j" }]);
    const { execution } = await control.send(
      new DescribeJobExecutionCommand({ jobId: "j", thingName: "pump" }),
    );
    expect(execution).toMatchObject({
      status: "QUEUED",
      versionNumber: 1,
      queuedAt: new Date("2026-01-01T00:00:00Z"),
    });
  });

  test("of a job that there is says so, with which", async () => {
    const { clients } = await iotUnderTest();
    const { control } = await clients();
    await control.send(job("j"));
    await expect(control.send(job("j", { document: "{}" }))).rejects.toMatchObject({
      ...{ name: "ResourceAlreadyExistsException", resourceId: "j", resourceArn: jobArn("j") },
    });
  });

  test.each<[Partial<CreateJobCommandInput>, string, string]>([
    [{ jobId: "a.b" }, "InvalidRequestException", "jobId"],
    [{ document: "no JSON" }, "InvalidRequestException", "JSON"],
    [{ document: JSON.stringify("a".repeat(32_768)) }, "InvalidRequestException", "document"],
    [{ document: `{"u":"\${aws:iot:s3-presigned-url-v2:x}"}` }, "InvalidRequestException", "placeholders"],
    [
      { documentSource: "https://s3.us-east-1.amazonaws.com/b/k" },
      "InvalidRequestException",
      "documentSource",
    ],
    [{ schedulingConfig: { startTime: "2026-02-01 00:00" } }, "InvalidRequestException", "schedulingConfig"],
    [{ targets: [] }, "InvalidRequestException", "targets"],
    [{ targets: ["arn:aws:iot:us-east-1:111111111111:thing/pump"] }, "InvalidRequestException", "account"],
    [{ targets: [thingArn("nobody")] }, "ResourceNotFoundException", "nobody"],
    [{ targets: [groupArn("nobody")] }, "ResourceNotFoundException", "nobody"],
    [
      { timeoutConfig: { inProgressTimeoutInMinutes: 10_081 } },
      "InvalidRequestException",
      "inProgressTimeoutInMinutes",
    ],
    [{ jobExecutionsRolloutConfig: { maximumPerMinute: 0 } }, "InvalidRequestException", "maximumPerMinute"],
  ])("%j is refused with %s that names %s", async (input, name, named) => {
    const { clients } = await iotUnderTest();
    const { control } = await clients();
    const refused = control.send(job("j", input));
    await expect(refused).rejects.toMatchObject({ name });
    await expect(refused).rejects.toThrow(named);
  });
});

describe("groups", () => {
  test("a continuous job reaches who joins later, and leaves who goes; a snapshot does not", async () => {
    const { clients, connect } = await iotUnderTest();
    const { control } = await clients();
    await control.send(new CreateThingGroupCommand({ thingGroupName: "g" }));
    const membership = (thingName: string) => ({ thingGroupName: "g", thingName });
    await control.send(new AddThingToThingGroupCommand(membership("valve")));
    const targets = [groupArn("g")];
    await control.send(job("continuous", { targets, targetSelection: "CONTINUOUS" }));
    await control.send(job("snapshot", { targets }));
    const device = await connect("pump");
    expect(await device.ask("$next/get")).not.toHaveProperty("payload.execution");
    await control.send(new AddThingToThingGroupCommand(membership("pump")));
    expect(await device.ask("get")).toMatchObject({ payload: { queuedJobs: [{ jobId: "continuous" }] } });
    await control.send(new AddThingToThingGroupCommand(membership("pump"))); // once more is once
    expect((await device.ask("get")).payload.queuedJobs).toHaveLength(1);
    await control.send(new RemoveThingFromThingGroupCommand(membership("pump")));
    expect(await device.ask("get")).toMatchObject({ payload: { queuedJobs: [] } });
    const { job: described } = await control.send(new DescribeJobCommand({ jobId: "continuous" }));
    expect(described).toMatchObject({
      ...{ status: "IN_PROGRESS", jobProcessDetails: { numberOfRemovedThings: 1, numberOfQueuedThings: 1 } },
    });
    expect((await control.send(new ListThingsInThingGroupCommand({ thingGroupName: "g" }))).things).toEqual([
      "valve",
    ]);
  });

  test("things are made, described, listed in pages and deleted with what they had pending", async () => {
    const { clients } = await iotUnderTest();
    const { control } = await clients();
    const attributePayload = { attributes: { site: "a" } };
    await control.send(new CreateThingCommand({ thingName: "tank", attributePayload }));
    await control.send(new CreateThingCommand({ thingName: "tank", attributePayload })); // the same again is no error
    await expect(control.send(new CreateThingCommand({ thingName: "tank" }))).rejects.toMatchObject({
      name: "ResourceAlreadyExistsException",
    });
    const described = await control.send(new DescribeThingCommand({ thingName: "tank" }));
    expect(described).toMatchObject({ thingArn: thingArn("tank"), attributes: { site: "a" } });
    const names: unknown[] = [];
    for await (const { things = [] } of paginateListThings({ client: control, pageSize: 2 }, {})) {
      names.push(...things.map(({ thingName }) => thingName));
    }
    expect(names).toEqual(["pump", "tank", "valve"]);
    await control.send(job("j", { targets: [thingArn("tank")] }));
    await control.send(new DeleteThingCommand({ thingName: "tank" }));
    const { job: after } = await control.send(new DescribeJobCommand({ jobId: "j" }));
    expect(after).toMatchObject({ status: "COMPLETED", jobProcessDetails: { numberOfRemovedThings: 1 } });
  });
});

describe("the door", () => {
  test("asks the caller's policies about the action on every resource", async () => {
    const asked: AccessRequest[] = [];
    const { clients } = await iotUnderTest();
    const { control } = await clients((request) => {
      asked.push(request);
      return request.resource !== thingArn("valve");
    });
    await control.send(job("j"));
    expect(asked.map(({ action, resource }) => [action, resource])).toEqual([
      ["iot:CreateJob", jobArn("j")],
      ["iot:CreateJob", thingArn("pump")],
    ]);
    const refused = control.send(job("k", { targets: [thingArn("pump"), thingArn("valve")] }));
    await expect(refused).rejects.toMatchObject({ name: "AccessDeniedException" });
    await expect(control.send(new DescribeJobCommand({ jobId: "k" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  test("tells whoever watches of each request that was let in, refused ones too", async () => {
    const { clients, answered } = await iotUnderTest();
    const { control } = await clients(({ resource }) => resource !== thingArn("valve"));
    await control.send(job("j"));
    await expect(control.send(job("j", { document: '{"b":1}' }))).rejects.toThrow();
    await expect(control.send(job("k", { targets: [thingArn("valve")] }))).rejects.toThrow();
    expect(answered).toMatchObject([
      { target: "iot:CreateJob", input: { document: '{"a":1}' }, output: { jobId: "j" } },
      { target: "iot:CreateJob", input: { document: '{"b":1}' }, output: undefined },
    ]);
  });

  test("lets nobody in whose signature is of another key", async () => {
    const { clients } = await iotUnderTest();
    const { control } = await clients();
    const stranger = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "another" };
    control.config.credentials = async () => stranger;
    await expect(control.send(job("j"))).rejects.toMatchObject({ name: "InvalidSignatureException" });
  });

  test("says what it does not answer", async () => {
    const { clients } = await iotUnderTest();
    const { control } = await clients();
    await expect(control.send(new ListCertificatesCommand({}))).rejects.toThrow("GET /certificates");
  });

  test("tells where devices connect", async () => {
    const { clients, iot } = await iotUnderTest();
    const { control } = await clients();
    const { endpointAddress } = await control.send(
      new DescribeEndpointCommand({ endpointType: "iot:Data-ATS" }),
    );
    expect(endpointAddress).toBe(`localhost:${iot.port}`);
  });

  test("throttles, is unavailable or loses a reply where a test wants it", async () => {
    const { clients, iot, connect } = await iotUnderTest();
    const { control } = await clients();
    iot.faults.inject("throttle", { action: "iot:CreateJob" });
    await expect(control.send(job("j"))).rejects.toMatchObject({ name: "ThrottlingException" });
    await control.send(job("j"));
    iot.faults.inject("lose-reply");
    await expect(control.send(job("lost"))).rejects.toThrow();
    await expect(control.send(job("lost"))).rejects.toMatchObject({ name: "ResourceAlreadyExistsException" });
    const device = await connect("pump");
    iot.faults.inject("throttle", { action: "iotjobsdata:DescribeJobExecution" });
    iot.faults.inject("unavailable", { action: "iotjobsdata:UpdateJobExecution" });
    expect(await device.ask("$next/get")).toMatchObject({ payload: { code: "RequestThrottled" } });
    expect(await device.ask("j/update", { status: "IN_PROGRESS" })).toMatchObject({
      payload: { code: "InternalError" },
    });
    expect(await device.ask("$next/get")).toMatchObject({ payload: { execution: { status: "QUEUED" } } });
  });
});
