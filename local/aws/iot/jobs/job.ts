import * as v from "valibot";

const count = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

const Criteria = v.union([
  v.strictObject({ numberOfNotifiedThings: count(1, Number.MAX_SAFE_INTEGER) }),
  v.strictObject({ numberOfSucceededThings: count(1, Number.MAX_SAFE_INTEGER) }),
]);

export const RolloutConfig = v.strictObject({
  maximumPerMinute: v.optional(count(1, 1000)),
  exponentialRate: v.optional(
    v.strictObject({
      baseRatePerMinute: count(1, 1000),
      incrementFactor: v.pipe(v.number(), v.minValue(1.1), v.maxValue(5)),
      rateIncreaseCriteria: Criteria,
    }),
  ),
});
export type RolloutConfig = v.InferOutput<typeof RolloutConfig>;

export const AbortConfig = v.strictObject({
  criteriaList: v.pipe(
    v.array(
      v.strictObject({
        failureType: v.picklist(["FAILED", "REJECTED", "TIMED_OUT", "ALL"]),
        action: v.literal("CANCEL"),
        thresholdPercentage: v.pipe(v.number(), v.gtValue(0), v.maxValue(100)),
        minNumberOfExecutedThings: count(1, Number.MAX_SAFE_INTEGER),
      }),
    ),
    v.minLength(1),
  ),
});
export type AbortConfig = v.InferOutput<typeof AbortConfig>;

export const TimeoutConfig = v.strictObject({ inProgressTimeoutInMinutes: v.optional(count(1, 10_080)) });

export const RetryConfig = v.strictObject({
  criteriaList: v.pipe(
    v.array(
      v.strictObject({
        failureType: v.picklist(["FAILED", "TIMED_OUT", "ALL"]),
        numberOfRetries: count(0, 10),
      }),
    ),
    v.minLength(1),
    v.maxLength(2),
  ),
});
export type RetryConfig = v.InferOutput<typeof RetryConfig>;

/** How a job is carried out, as CreateJob took it; bounds of botocore's model. */
export const JobConfig = v.object({
  jobExecutionsRolloutConfig: v.optional(RolloutConfig),
  abortConfig: v.optional(AbortConfig),
  timeoutConfig: v.optional(TimeoutConfig),
  jobExecutionsRetryConfig: v.optional(RetryConfig),
});
export type JobConfig = v.InferOutput<typeof JobConfig>;

export const JOB_STATUSES = ["IN_PROGRESS", "CANCELED", "COMPLETED"] as const;

/** Times in epoch milliseconds. */
export type Job = {
  id: string;
  status: (typeof JOB_STATUSES)[number];
  document: string;
  description: string | undefined;
  /** ARNs. */
  targets: readonly string[];
  continuous: boolean;
  config: JobConfig;
  createdAt: number;
  lastUpdatedAt: number;
  completedAt: number | undefined;
  forced: boolean;
  reasonCode: string | undefined;
  comment: string | undefined;
  /** The minute in which things are notified, and how many were in it. */
  windowStart: number;
  windowCount: number;
};

export type NewJob = Pick<Job, "id" | "document" | "description" | "targets" | "continuous" | "config">;
