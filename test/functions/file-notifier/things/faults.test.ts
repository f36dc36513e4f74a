import { IoTClient } from "@aws-sdk/client-iot";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createIotJobs } from "../../../../functions/file-notifier/carrier/iot/iot-jobs.ts";
import type { Jobs } from "../../../../functions/file-notifier/carrier/iot/jobs.ts";
import type { IotFaultKind } from "../../../../local/aws/iot/faults.ts";
import { thingArn } from "../../../local/aws/iot/support/device-policy.ts";
import { type Answer, startServer } from "../support/loopback-server.ts";
import { startThingWorld, THING, type ThingWorld } from "../support/thing-world.ts";
import { drain, invoke } from "../support/world.ts";

const own = (path: string) => `things/pump/${path}`;
const ARN_PREFIX = thingArn("").replace(/thing\/$/, "");

describe("AWS's answers [NF-13.2]", () => {
  let answer: Answer;
  let jobs: Jobs;
  beforeEach(async () => {
    const server = await startServer(() => answer);
    const client = new IoTClient({
      ...{ endpoint: server.url, region: "eu-west-1", maxAttempts: 1 },
      credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
      requestHandler: { requestTimeout: 200, throwOnRequestTimeout: true },
    });
    jobs = createIotJobs(client, { arnPrefix: ARN_PREFIX, settings: {} });
    onTestFinished(async () => {
      client.destroy();
      await server[Symbol.asyncDispose]();
    });
  });
  const signal = new AbortController().signal;
  const create = () =>
    jobs.create({ id: "nf-1", targetUid: THING, document: "{}", description: "d" }, signal);
  const cancel = () => jobs.cancel("nf-1", signal);
  const refusal = (status: number, type: string): Answer => ({
    status,
    headers: { "content-type": "application/json", "x-amzn-errortype": type },
    body: JSON.stringify({ message: "no" }),
  });

  test.each<[string, Answer, object]>([
    ["throttled", refusal(400, "ThrottlingException"), { name: "RetryLater", fate: "unsent" }],
    ["throttled by status", refusal(429, "TooManyRequestsException"), { name: "RetryLater", fate: "unsent" }],
    ["a fault", refusal(500, "InternalFailureException"), { name: "RetryLater", fate: "uncertain" }],
    ["away", refusal(503, "ServiceUnavailableException"), { name: "RetryLater", fate: "uncertain" }],
    ["no reply", "drop", { name: "RetryLater", fate: "uncertain" }],
    ["silence", "hang", { name: "RetryLater", fate: "uncertain" }],
    ["no target", refusal(404, "ResourceNotFoundException"), { name: "Undeliverable" }],
    ["a limit", refusal(410, "LimitExceededException"), { name: "Undeliverable" }],
    ["forbidden", refusal(403, "AccessDeniedException"), { name: "Undeliverable" }],
    ["invalid", refusal(400, "InvalidRequestException"), { name: "Undeliverable" }],
  ])("CreateJob: %s", async (_, given, expected) => {
    answer = given;
    await expect(create()).rejects.toMatchObject(expected);
  });

  test("CreateJob: what is there already is the same job", async () => {
    answer = refusal(409, "ResourceAlreadyExistsException");
    await expect(create()).resolves.toBeUndefined();
  });

  test.each([
    ["gone", 404, "ResourceNotFoundException"],
    ["at its end", 400, "InvalidRequestException"],
    ["at its end, by another name", 409, "InvalidStateTransitionException"],
  ])("CancelJob: %s is none", async (_, status, type) => {
    answer = refusal(status, type);
    await expect(cancel()).resolves.toBeUndefined();
  });

  test("CancelJob: whatever its fate, something was told by then", async () => {
    answer = refusal(400, "ThrottlingException");
    await expect(cancel()).rejects.toMatchObject({ name: "RetryLater", fate: "uncertain" });
  });
});

describe("whatever AWS IoT does, a thing ends with one job that tells it what counts [NF-13.2]", () => {
  let world: ThingWorld;
  beforeEach(async () => {
    world = await startThingWorld();
    await world.put(own("a"), "1");
    await world.settle();
    await world.put(own("a"), "2");
  });

  async function expectOneJob(): Promise<void> {
    const { announced, manifests, isUncertain, announcing } = await world.state(THING);
    const told = manifests.find(({ serial }) => serial === announced?.serial);
    const jobs = await world.jobs();
    const live = jobs.filter(({ status }) => status === "IN_PROGRESS");
    expect(live.map(({ says }) => says.notice.sha256)).toEqual([told?.sha256]);
    expect(live[0]?.document.url).toContain(`/files/${own("a")}?`);
    expect({ isUncertain, announcing }).toEqual({});
    expect(world.aws.dead).toEqual([]);
  }

  test.each<[IotFaultKind, string, number]>([
    ["throttle", "iot:CreateJob", 2],
    ["unavailable", "iot:CreateJob", 2],
    ["lose-reply", "iot:CreateJob", 2],
    ["throttle", "iot:CancelJob", 2],
    ["lose-reply", "iot:CancelJob", 1],
  ])("%s at %s makes no more jobs than manifests", async (kind, action, calls) => {
    world.iot.iot.faults.inject(kind, { action, calls });
    await world.settle();
    await expectOneJob();
    expect(await world.jobs()).toHaveLength(2); // told again, a manifest has the same job
  });

  test.each(["before create", "after create", "before cancel", "after cancel"])(
    "a notifier that dies %s",
    async (when) => {
      const real = createIotJobs(world.control, { arnPrefix: ARN_PREFIX, settings: {} });
      const { promise: died, resolve } = Promise.withResolvers<"died">();
      const die = () => {
        resolve("died");
        return new Promise<never>(() => undefined);
      };
      const jobs: Jobs = {
        async create(job, signal) {
          if (when === "before create") await die();
          await real.create(job, signal);
          if (when === "after create") await die();
        },
        async cancel(id, signal) {
          if (when === "before cancel") await die();
          await real.cancel(id, signal);
          if (when === "after cancel") await die();
        },
      };
      const mortal = world.teller({ jobs });
      let isDead = false;
      const heir = world.teller();
      await drain(
        world,
        async (records) => {
          if (isDead) return await invoke(heir, records);
          const response = await Promise.race([invoke(mortal, records), died]);
          isDead = response === "died";
          return response;
        },
        { environments: 1, batch: 10 },
      );
      expect(isDead).toBe(true);
      await expectOneJob();
      expect(await world.jobs()).toHaveLength(2);
    },
  );

  test("a job that came late, of a manifest that was overtaken, is cancelled by the sweep", async () => {
    let late: Parameters<Jobs["create"]> | undefined;
    const real = createIotJobs(world.control, { arnPrefix: ARN_PREFIX, settings: {} });
    const jobs: Jobs = {
      async create(...asked) {
        if (late !== undefined) return await real.create(...asked);
        late = asked;
        throw Object.assign(new Error("nobody saw how it ended"), { name: "TimeoutError" });
      },
      cancel: real.cancel,
    };
    const handler = world.teller({ jobs });
    const asked = () => late !== undefined;
    while (!asked()) {
      world.clock.now = world.aws.nextVisible() ?? world.clock.now;
      const records = world.aws.receive(10, 60);
      const { batchItemFailures } = await invoke(handler, records);
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      for (const { messageId } of records) if (!failed.has(messageId)) world.aws.delete(messageId);
    }
    await world.put(own("a"), "3");
    await world.settleWith(handler);
    await real.create(...(late as Parameters<Jobs["create"]>));
    expect((await world.jobs()).filter(({ status }) => status === "IN_PROGRESS")).toHaveLength(2);
    world.aws.send(JSON.stringify({ sweep: { prefix: "", variableOf: THING } }));
    await world.settleWith(handler);
    await expectOneJob();
  });
});
