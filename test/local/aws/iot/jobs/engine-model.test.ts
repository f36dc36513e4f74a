import fc from "fast-check";
import { expect, test } from "vitest";
import { IotError } from "../../../../../local/aws/iot/iot-error.ts";
import { startNext, updateExecution } from "../../../../../local/aws/iot/jobs/device-commands.ts";
import { cancelJob } from "../../../../../local/aws/iot/jobs/job-commands.ts";
import { readSeed } from "../../../../support/seeded-random.ts";
import { thingArn } from "../support/device-policy.ts";
import { type EngineUnderTest, engineUnderTest } from "../support/engine-under-test.ts";
import { JobModel } from "../support/job-model.ts";

const SEED = readSeed();
const THINGS = ["a", "b"];
const JOBS = ["j1", "j2", "j3"];

const thing = fc.constantFrom(...THINGS);
const jobId = fc.constantFrom(...JOBS);
const step = fc.oneof(
  fc.record({
    do: fc.constant("create" as const),
    jobId,
    targets: fc.subarray(THINGS, { minLength: 1 }),
    retries: fc.nat(2),
    minutes: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({ do: fc.constant("start" as const), thing }),
  fc.record({
    do: fc.constant("update" as const),
    ...{ thing, jobId },
    status: fc.constantFrom("IN_PROGRESS", "IN_PROGRESS", "SUCCEEDED", "FAILED", "REJECTED", "QUEUED"),
    expected: fc.constantFrom("right" as const, undefined, 1, 2),
  }),
  fc.record({ do: fc.constant("cancel" as const), jobId, forced: fc.boolean() }),
  fc.record({ do: fc.constant("pass" as const), minutes: fc.integer({ min: 1, max: 2 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What a command is refused with, by the engine and by the model. */
function run(under: EngineUnderTest, model: JobModel, each: Step): [real: unknown, expected: unknown] {
  const { engine } = under;
  switch (each.do) {
    case "create": {
      const { targets, retries, minutes } = each;
      const config = {
        timeoutConfig: { inProgressTimeoutInMinutes: minutes },
        jobExecutionsRetryConfig: {
          criteriaList: [{ failureType: "ALL" as const, numberOfRetries: retries }],
        },
      };
      const real = refusal(() => under.create(each.jobId, { targets: targets.map(thingArn), config }));
      return [real, model.create(each.jobId, targets, retries, minutes)];
    }
    case "start": {
      const real = refusal(() => engine.perform((turn) => startNext(turn, each.thing, {})));
      model.startNext(each.thing);
      return [real, undefined];
    }
    case "update": {
      const current = model.lists.get(each.thing)?.findLast((one) => one.jobId === each.jobId)?.version;
      const expectedVersion = each.expected === "right" ? current : each.expected;
      const request = { status: each.status, expectedVersion };
      const real = refusal(() =>
        engine.perform((turn) => updateExecution(turn, each.thing, each.jobId, request)),
      );
      return [real, model.update(each.thing, each.jobId, each.status, expectedVersion)];
    }
    case "cancel": {
      const real = refusal(() =>
        engine.perform((turn) => cancelJob(turn, each.jobId, { forced: each.forced })),
      );
      return [real, model.cancel(each.jobId, each.forced)];
    }
    case "pass":
      under.pass(each.minutes);
      model.pass(each.minutes);
      return [undefined, undefined];
  }
}

function refusal(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof IotError) return error.fault;
    throw error;
  }
}

test("whatever is asked in whatever order, the lists, the jobs and what is told of them are those of the model", () => {
  const done = new Map<string, number>();
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30, size: "max" }), (steps) => {
      using under = engineUnderTest(THINGS);
      const model = new JobModel(THINGS);
      for (const each of steps) {
        const heads = THINGS.map((name) => model.pending(name)[0]);
        const before = heads.map((head) => head && `${head.jobId} ${head.number}`);
        const [real, expected] = run(under, model, each);
        expect(real).toBe(expected);
        done.set(`${each.do} ${real}`, (done.get(`${each.do} ${real}`) ?? 0) + 1);

        const told = under.engine.takeMessages();
        for (const [index, name] of THINGS.entries()) {
          const pending = model.pending(name);
          const list = under.engine.perform((turn) => turn.executions.pending(name));
          expect(
            list.map(({ jobId, number, status, version }) => ({ jobId, number, status, version })),
          ).toEqual(
            pending.map(({ jobId, number, status, version }) => ({ jobId, number, status, version })),
          );
          const [head] = pending;
          const changed = before[index] !== (head && `${head.jobId} ${head.number}`);
          const next = told.filter(({ topic }) => topic === `$aws/things/${name}/jobs/notify-next`);
          expect(next.length).toBe(changed ? 1 : 0);
        }
        for (const [id, job] of model.jobs) expect(under.job(id)?.status).toBe(job.status);
      }
    }),
    { seed: SEED, numRuns: 120 },
  );
  // Each way that a command can end was met.
  expect([...done.keys()].sort()).toEqual([
    "cancel InvalidRequest",
    "cancel ResourceNotFound",
    "cancel undefined",
    "create ResourceAlreadyExists",
    "create undefined",
    "pass undefined",
    "start undefined",
    "update InvalidStateTransition",
    "update ResourceNotFound",
    "update VersionMismatch",
    "update undefined",
  ]);
});
