import { describe, expect, test } from "vitest";
import { mayRetry, meetsAbort } from "../../../../../local/aws/iot/jobs/failures.ts";
import { ratePerMinute } from "../../../../../local/aws/iot/jobs/rollout.ts";
import { thingArn } from "../support/device-policy.ts";
import { engineUnderTest, MINUTE_MS } from "../support/engine-under-test.ts";

/** The guide's own example. */
const EXPONENTIAL = {
  exponentialRate: {
    baseRatePerMinute: 50,
    incrementFactor: 2,
    rateIncreaseCriteria: { numberOfNotifiedThings: 1000 },
  },
};

describe("ratePerMinute", () => {
  test.each([
    [0, 50],
    [999, 50],
    [1000, 100],
    [2000, 200],
    [3999, 400],
    [20_000, 1000], // at most
  ])("after %i things it is %i a minute", (notified, rate) => {
    expect(ratePerMinute(EXPONENTIAL, { notified, succeeded: 0 })).toBe(rate);
  });

  test("may rise by what succeeded, and not above the maximum that is given", () => {
    const config = {
      maximumPerMinute: 70,
      exponentialRate: {
        ...EXPONENTIAL.exponentialRate,
        rateIncreaseCriteria: { numberOfSucceededThings: 10 },
      },
    };
    expect(ratePerMinute(config, { notified: 5000, succeeded: 9 })).toBe(50);
    expect(ratePerMinute(config, { notified: 5000, succeeded: 10 })).toBe(70);
  });

  test("is a thousand where nothing is said", () => {
    expect(ratePerMinute(undefined, { notified: 0, succeeded: 0 })).toBe(1000);
  });
});

describe("a rollout", () => {
  const things = ["t1", "t2", "t3", "t4", "t5"];

  test("reaches so many things a minute, in the order of the targets, and the job ends after the last", () => {
    using under = engineUnderTest(things);
    under.create("j", { config: { jobExecutionsRolloutConfig: { maximumPerMinute: 2 } } });
    const reached = () => Object.keys(under.latest("j"));
    expect(reached()).toEqual(["t1", "t2"]);
    expect(under.engine.nextDue()).toBe(under.now.ms + MINUTE_MS);
    under.pass(0.9);
    expect(reached()).toEqual(["t1", "t2"]);
    under.pass(0.1);
    expect(reached()).toEqual(["t1", "t2", "t3", "t4"]);
    under.pass(1);
    expect(reached()).toEqual(things);
    expect(under.engine.nextDue()).toBeUndefined();
  });

  test("ends with the job: who was not reached is not reached any more", () => {
    using under = engineUnderTest(things);
    under.create("j", {
      config: {
        jobExecutionsRolloutConfig: { maximumPerMinute: 2 },
        timeoutConfig: { inProgressTimeoutInMinutes: 1 },
        abortConfig: {
          criteriaList: [
            {
              failureType: "TIMED_OUT",
              action: "CANCEL",
              thresholdPercentage: 50,
              minNumberOfExecutedThings: 2,
            },
          ],
        },
      },
    });
    under.engine.perform((turn) => {
      const [first] = turn.executions.pending("t1");
      if (first !== undefined) turn.change(first, { status: "IN_PROGRESS", progressMinutes: 1 });
    });
    under.pass(1);
    expect(under.latest("j")).toEqual({ t1: "TIMED_OUT", t2: "CANCELED" });
    expect(under.job("j")).toMatchObject({ status: "CANCELED", forced: false, reasonCode: "JOB_ABORTED" });
    expect(under.engine.nextDue()).toBeUndefined();
    under.pass(5);
    expect(Object.keys(under.latest("j"))).toEqual(["t1", "t2"]);
  });

  test("reaches a thing once that two targets have in common", () => {
    using under = engineUnderTest(things);
    under.registry.addGroup("g");
    under.registry.join("g", "t1");
    under.create("j", { targets: ["arn:aws:iot:us-east-1:000000000000:thinggroup/g", thingArn("t1")] });
    expect(under.pending("t1")).toEqual(["j QUEUED"]);
  });
});

describe("meetsAbort", () => {
  const of = (failureType: "FAILED" | "ALL") => ({
    criteriaList: [
      { failureType, action: "CANCEL" as const, thresholdPercentage: 30, minNumberOfExecutedThings: 3 },
    ],
  });
  const config = of("FAILED");
  const latest = (...statuses: ("FAILED" | "SUCCEEDED" | "REJECTED" | "QUEUED")[]) =>
    statuses.map((status) => ({ status }));

  test.each([
    [latest("FAILED", "FAILED"), false], // too few
    [latest("FAILED", "QUEUED", "QUEUED"), true],
    [latest("FAILED", "QUEUED", "QUEUED", "QUEUED"), false], // 25 %
    [latest("REJECTED", "REJECTED", "REJECTED"), false], // another kind
  ])("%j", (executions, expected) => {
    expect(meetsAbort(config, executions)).toBe(expected);
  });

  test("counts every kind of failure as ALL", () => {
    expect(meetsAbort(of("ALL"), latest("REJECTED", "FAILED", "SUCCEEDED"))).toBe(true);
  });

  test("does not abort where nothing failed, or nothing was said", () => {
    expect(meetsAbort(config, latest("SUCCEEDED", "SUCCEEDED", "SUCCEEDED"))).toBe(false);
    expect(meetsAbort(undefined, latest("FAILED", "FAILED", "FAILED"))).toBe(false);
  });
});

describe("mayRetry", () => {
  const config = {
    criteriaList: [
      { failureType: "FAILED" as const, numberOfRetries: 1 },
      { failureType: "TIMED_OUT" as const, numberOfRetries: 2 },
    ],
  };
  const past = (...statuses: ("FAILED" | "TIMED_OUT")[]) => statuses.map((status) => ({ status }));

  test.each([
    [past("FAILED"), "FAILED" as const, true],
    [past("FAILED", "FAILED"), "FAILED" as const, false],
    [past("FAILED", "FAILED", "TIMED_OUT"), "TIMED_OUT" as const, true],
    [past("TIMED_OUT", "TIMED_OUT", "TIMED_OUT"), "TIMED_OUT" as const, false],
  ])("after %j the retry of a %s is %s", (executions, status, expected) => {
    expect(mayRetry(config, executions, status)).toBe(expected);
  });

  test("never repeats what was rejected or cancelled", () => {
    const all = { criteriaList: [{ failureType: "ALL" as const, numberOfRetries: 10 }] };
    expect(mayRetry(all, [], "REJECTED")).toBe(false);
    expect(mayRetry(all, [], "CANCELED")).toBe(false);
  });
});
