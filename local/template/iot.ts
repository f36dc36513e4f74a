import * as v from "valibot";
import type { PolicyStatement } from "../aws/iam/policy-statement.ts";
import { TemplateError } from "./intrinsics.ts";
import { PolicyDocument } from "./policies.ts";
import { type ResolvedResource, readResources } from "./resource-reader.ts";

/** A rule that sends messages to queues, each in the name of a role. */
export type TopicRuleDeployment = {
  id: string;
  name: string;
  arn: string;
  sql: string;
  targets: { queueArn: string; roleArn: string; useBase64: boolean }[];
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-iot-topicrule-sqsaction.html */
const SqsAction = v.strictObject({
  QueueUrl: v.string(),
  RoleArn: v.string(),
  UseBase64: v.optional(v.boolean(), false),
});

/** Strict: an action, or an error action, that is not carried out here must not be dropped silently. */
const TopicRuleProperties = v.strictObject({
  RuleName: v.optional(v.string()),
  TopicRulePayload: v.strictObject({
    Sql: v.string(),
    // Without it AWS takes a version that treats arrays otherwise.
    AwsIotSqlVersion: v.literal("2016-03-23"),
    Description: v.optional(v.string()),
    RuleDisabled: v.optional(v.boolean(), false),
    Actions: v.array(v.strictObject({ Sqs: SqsAction })),
  }),
  Tags: v.optional(v.unknown()),
});

/** What devices may do: the statements of every policy, which are all attached to the certificates here. */
export function readIotPolicies(resources: readonly ResolvedResource[]): PolicyStatement[] {
  return readResources(resources, "AWS::IoT::Policy", v.object({ PolicyDocument })).flatMap(
    ({ properties }) => properties.PolicyDocument.Statement,
  );
}

/**
 * The rules that are not disabled.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iot-topicrule.html
 */
export function readTopicRules(
  resources: readonly ResolvedResource[],
  arnOf: (id: string) => string,
  queues: readonly { url: string; arn: string }[],
): TopicRuleDeployment[] {
  return readResources(resources, "AWS::IoT::TopicRule", TopicRuleProperties)
    .filter(({ properties }) => !properties.TopicRulePayload.RuleDisabled)
    .map(({ id, ref, properties: { TopicRulePayload } }) => ({
      id,
      name: ref,
      arn: arnOf(id),
      sql: TopicRulePayload.Sql,
      targets: TopicRulePayload.Actions.map(({ Sqs: { QueueUrl, RoleArn, UseBase64 } }) => {
        const queue = queues.find(({ url }) => url === QueueUrl);
        if (queue === undefined) throw new TemplateError(`${id}: the template has no queue ${QueueUrl}`);
        return { queueArn: queue.arn, roleArn: RoleArn, useBase64: UseBase64 };
      }),
    }));
}
