import * as v from "valibot";
import type { Authorize } from "../aws/iam/authorize.ts";
import type { PolicyStatement } from "../aws/iam/policy-statement.ts";
import { matchesWildcard } from "../aws/iam/wildcard.ts";
import type { Deployment } from "../template/deployment.ts";
import { TemplateError } from "../template/intrinsics.ts";
import { LOCAL_ACCOUNT } from "./identity.ts";

/** What Lambda's pollers do in the function's name; without one of these AWS refuses the mapping. */
const POLLER_ACTIONS = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/**
 * Checks what AWS checks at deployment and what no call here would ask at run time: that S3 may send to the queues it
 * notifies, that each function's role may poll its queue, and that topic rules may call their functions.
 *
 * @throws {TemplateError} that names what may not do what.
 */
export function checkGrants(deployment: Deployment, authorize: Authorize): void {
  for (const bucket of deployment.buckets) {
    for (const { targetArn } of bucket.notifications) {
      if (!deployment.queueStatements.some((statement) => letsS3Send(statement, targetArn))) {
        throw new TemplateError(`${bucket.id}: no queue policy lets S3 send to ${targetArn}`);
      }
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

const S3Principal = v.object({ Service: v.literal("s3.amazonaws.com") });
const SourceAccount = v.object({ StringEquals: v.object({ "aws:SourceAccount": v.string() }) });

function letsS3Send(statement: PolicyStatement, queueArn: string): boolean {
  const account = v.safeParse(SourceAccount, statement.Condition);
  return (
    statement.Effect === "Allow" &&
    v.is(S3Principal, statement.Principal) &&
    [statement.Action].flat().includes("sqs:SendMessage") &&
    [statement.Resource].flat().includes(queueArn) &&
    (statement.Condition === undefined ||
      (account.success && account.output.StringEquals["aws:SourceAccount"] === LOCAL_ACCOUNT.accountId))
  );
}
