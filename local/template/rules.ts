import * as v from "valibot";
import { secondsOfRate } from "../aws/eventbridge/rate.ts";
import type { ScheduledRule } from "../aws/eventbridge/scheduled-rules.ts";
import { TemplateError } from "./intrinsics.ts";
import { type ResolvedResource, readResources } from "./resource-reader.ts";

const Rate = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const seconds = secondsOfRate(dataset.value);
    if (seconds !== undefined) return seconds;
    addIssue({ message: `is run only as rate(<n> minutes|hours|days), not ${dataset.value}` });
    return NEVER;
  }),
);

const Input = v.pipe(v.string(), v.maxBytes(8192, "has at most 8192 bytes"), v.check(isJson, "must be JSON"));

/** Strict: a pattern that matches nothing here, or a target that gets something else, must not be dropped silently. */
const RuleProperties = v.strictObject({
  ScheduleExpression: Rate,
  State: v.optional(v.picklist(["ENABLED", "DISABLED"]), "ENABLED"),
  Description: v.optional(v.string()),
  Tags: v.optional(v.unknown()),
  Targets: v.pipe(
    v.array(
      v.strictObject({
        Id: v.string(),
        Arn: v.string(),
        Input,
        RetryPolicy: v.optional(v.unknown()), // a queue on this machine takes everything
      }),
    ),
    v.minLength(1, "must have a target"),
  ),
});

/**
 * The rules that are enabled: each on a schedule, with queues of the template for targets.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html
 */
export function readRules(
  resources: readonly ResolvedResource[],
  arnOf: (id: string) => string,
  queues: readonly { arn: string }[],
): ScheduledRule[] {
  const rules = readResources(resources, "AWS::Events::Rule", RuleProperties);
  for (const { id, properties } of rules) {
    const astray = properties.Targets.find(({ Arn }) => !queues.some(({ arn }) => arn === Arn));
    if (astray !== undefined) throw new TemplateError(`${id}: the template has no queue ${astray.Arn}`);
  }
  return rules
    .filter(({ properties }) => properties.State === "ENABLED")
    .map(({ id, properties }) => ({
      id,
      arn: arnOf(id),
      everySeconds: properties.ScheduleExpression,
      targets: properties.Targets.map(({ Arn, Input }) => ({ queueArn: Arn, input: Input })),
    }));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
