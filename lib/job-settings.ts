import * as v from "valibot";

/** Bounds and names of CreateJob. https://docs.aws.amazon.com/iot/latest/apireference/API_CreateJob.html */
const count = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

/** As cdk.json holds it, or as the JSON that `-c` gives. */
function json<const Schema extends v.GenericSchema>(schema: Schema) {
  return v.pipe(
    v.unknown(),
    v.transform((found) => {
      if (typeof found !== "string") return found;
      try {
        return JSON.parse(found);
      } catch {
        return found; // which is no object, and refused
      }
    }),
    schema,
  );
}

/** How fast the things of a group are told: in any minute so many, and how that grows. */
export const Rollout = json(
  v.strictObject({
    maximumPerMinute: v.optional(count(1, 1000)),
    exponentialRate: v.optional(
      v.strictObject({
        baseRatePerMinute: count(1, 1000),
        incrementFactor: v.pipe(v.number(), v.minValue(1.1), v.maxValue(5)),
        rateIncreaseCriteria: v.union([
          v.strictObject({ numberOfNotifiedThings: count(1, Number.MAX_SAFE_INTEGER) }),
          v.strictObject({ numberOfSucceededThings: count(1, Number.MAX_SAFE_INTEGER) }),
        ]),
      }),
    ),
  }),
);

/** After which share of failures the rest of a group is not told. */
export const Abort = json(
  v.pipe(
    v.array(
      v.strictObject({
        failureType: v.picklist(["FAILED", "REJECTED", "TIMED_OUT", "ALL"]),
        thresholdPercentage: v.pipe(v.number(), v.gtValue(0), v.maxValue(100)),
        minNumberOfExecutedThings: count(1, Number.MAX_SAFE_INTEGER),
      }),
    ),
    v.minLength(1),
    v.maxLength(4), // a kind of failure each
  ),
);

/** How often a thing that failed gets the job once more. */
export const Retry = json(
  v.pipe(
    v.array(
      v.strictObject({
        failureType: v.picklist(["FAILED", "TIMED_OUT", "ALL"]),
        numberOfRetries: count(0, 10),
      }),
    ),
    v.minLength(1),
    v.maxLength(2),
  ),
);

/** Minutes: seven days at most. */
export const TIMEOUT_MAX_MINUTES = 10_080;

/** What the notifier adds to each CreateJob, by that call's names. */
export function jobSettings(settings: {
  iotTargetSelection: "SNAPSHOT" | "CONTINUOUS";
  iotRollout?: v.InferOutput<typeof Rollout> | undefined;
  iotAbort?: v.InferOutput<typeof Abort> | undefined;
  iotRetry?: v.InferOutput<typeof Retry> | undefined;
  iotTimeoutMinutes?: number | undefined;
}): object {
  const { iotTargetSelection, iotRollout, iotAbort, iotRetry, iotTimeoutMinutes } = settings;
  return {
    targetSelection: iotTargetSelection,
    jobExecutionsRolloutConfig: iotRollout,
    abortConfig: iotAbort && { criteriaList: iotAbort.map((each) => ({ ...each, action: "CANCEL" })) },
    jobExecutionsRetryConfig: iotRetry && { criteriaList: iotRetry },
    timeoutConfig: iotTimeoutMinutes && { inProgressTimeoutInMinutes: iotTimeoutMinutes },
  };
}
