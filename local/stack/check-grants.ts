import * as v from "valibot";
import type { Authorize } from "../aws/iam/authorize.ts";
import { compileConditions } from "../aws/iam/conditions.ts";
import type { PolicyStatement } from "../aws/iam/policy-statement.ts";
import { matchesWildcard } from "../aws/iam/wildcard.ts";
import type { Deployment } from "../template/deployment.ts";
import { TemplateError } from "../template/intrinsics.ts";
import { LOCAL_ACCOUNT } from "./identity.ts";

/** What Lambda's pollers do in the function's name; without one of these AWS refuses the mapping. */
const POLLER_ACTIONS = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/**
 * Checks what AWS checks at deployment and what no call here would ask at run time: that S3 may send to the queues it
 * notifies, EventBridge to the targets of its rules, that each function's role may poll its queue, and that topic rules
 * may call their functions.
 *
 * @throws {TemplateError} that names what may not do what.
 */
export function checkGrants(deployment: Deployment, authorize: Authorize): void {
  for (const bucket of deployment.buckets) {
    for (const { targetArn } of bucket.notifications) {
      const sourceArn = `arn:aws:s3:::${bucket.name}`;
      if (!maySend("s3.amazonaws.com", sourceArn, targetArn)) {
        throw new TemplateError(`${bucket.id}: no queue policy lets S3 send to ${targetArn}`);
      }
    }
  }
  for (const { id, arn, targets } of deployment.rules) {
    const denied = targets.find(({ queueArn }) => !maySend("events.amazonaws.com", arn, queueArn));
    if (denied !== undefined) {
      throw new TemplateError(
        `${id}: no queue policy lets EventBridge send to ${denied.queueArn} for ${arn}`,
      );
    }
  }
  for (const { queueArn, functionArn } of deployment.eventSourceMappings) {
    const role = deployment.functions.find(({ arn }) => arn === functionArn)?.roleArn ?? functionArn;
    const denied = POLLER_ACTIONS.find(
      (action) => !authorize({ principal: role, action, resource: queueArn }),
    );
    if (denied !== undefined) throw new TemplateError(`${role} lacks ${denied} on ${queueArn}`);
  }
  for (const { id, arn, targetArns } of deployment.topicRules) {
    for (const target of targetArns) {
      if (deployment.permissions.some((permission) => letsRuleCall(permission, arn, target))) continue;
      throw new TemplateError(`${id}: ${target} does not let AWS IoT call it for this rule`);
    }
  }

  function maySend(service: string, sourceArn: string, queueArn: string): boolean {
    const context = {
      "aws:SourceArn": sourceArn,
      "aws:SourceAccount": LOCAL_ACCOUNT.accountId,
      "aws:SecureTransport": "true",
    };
    const matching = deployment.queueStatements.filter(
      (statement) => isFor(service, statement, queueArn) && compileConditions(statement.Condition)(context),
    );
    return matching.length > 0 && matching.every(({ Effect }) => Effect === "Allow");
  }
}

/** Without it the rule's messages would be lost, one by one and silently. */
function letsRuleCall(permission: Deployment["permissions"][number], ruleArn: string, functionArn: string) {
  const { action, functionName, principal, sourceArn = ruleArn, sourceAccount } = permission;
  const name = functionName.slice(functionName.lastIndexOf(":") + 1);
  return (
    action === "lambda:InvokeFunction" &&
    principal === "iot.amazonaws.com" &&
    functionArn.endsWith(`:${name}`) &&
    matchesWildcard(sourceArn, ruleArn) &&
    (sourceAccount ?? LOCAL_ACCOUNT.accountId) === LOCAL_ACCOUNT.accountId
  );
}

const Everybody = v.union([v.literal("*"), v.object({ AWS: v.literal("*") })]);
const Services = v.object({ Service: v.union([v.string(), v.array(v.string())]) });

/** Whether a statement of a queue's policy is about a service that sends to the queue, whatever its conditions. */
function isFor(service: string, { Principal, Action, Resource }: PolicyStatement, queueArn: string): boolean {
  const named = v.is(Services, Principal) && [Principal.Service].flat().includes(service);
  const matches = (patterns: PolicyStatement["Action"], text: string) =>
    [patterns ?? []].flat().some((pattern) => matchesWildcard(pattern.toLowerCase(), text.toLowerCase()));
  return (
    (named || v.is(Everybody, Principal)) && matches(Action, "sqs:SendMessage") && matches(Resource, queueArn)
  );
}
