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
 * may take on their roles, which may send to their queues.
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
  // Without these the rule's messages would be lost, one by one and silently.
  for (const { id, arn, targets } of deployment.topicRules) {
    for (const { queueArn, roleArn } of targets) {
      if (!mayAssume("iot.amazonaws.com", arn, roleArn))
        throw new TemplateError(`${id}: ${roleArn} does not let AWS IoT take it on for this rule`);
      const context = { "aws:SecureTransport": "true" };
      if (!authorize({ principal: roleArn, action: "sqs:SendMessage", resource: queueArn, context }))
        throw new TemplateError(`${id}: ${roleArn} lacks sqs:SendMessage on ${queueArn}`);
    }
  }

  function mayAssume(service: string, sourceArn: string, roleArn: string): boolean {
    const trust = deployment.trust.find(({ role }) => role === roleArn);
    return allows(
      (trust?.statements ?? []).filter((statement) => isTrust(service, statement)),
      sourceArn,
    );
  }

  function maySend(service: string, sourceArn: string, queueArn: string): boolean {
    return allows(
      deployment.queueStatements.filter((statement) => isFor(service, statement, queueArn)),
      sourceArn,
    );
  }
}

/** Whether statements about a service let it act for what is on this account. */
function allows(statements: readonly PolicyStatement[], sourceArn: string): boolean {
  const context = {
    "aws:SourceArn": sourceArn,
    "aws:SourceAccount": LOCAL_ACCOUNT.accountId,
    "aws:SecureTransport": "true",
  };
  const matching = statements.filter(({ Condition }) => compileConditions(Condition)(context));
  return matching.length > 0 && matching.every(({ Effect }) => Effect === "Allow");
}

const Everybody = v.union([v.literal("*"), v.object({ AWS: v.literal("*") })]);
const Services = v.object({ Service: v.union([v.string(), v.array(v.string())]) });

/** Whether a statement of a queue's policy is about a service that sends to the queue, whatever its conditions. */
function isFor(service: string, statement: PolicyStatement, queueArn: string): boolean {
  const { Action, Resource } = statement;
  return isAbout(service, statement) && matches(Action, "sqs:SendMessage") && matches(Resource, queueArn);
}

/** Whether a statement of a role is about a service that takes it on. */
function isTrust(service: string, statement: PolicyStatement): boolean {
  return isAbout(service, statement) && matches(statement.Action, "sts:AssumeRole");
}

function isAbout(service: string, { Principal }: PolicyStatement): boolean {
  const named = v.is(Services, Principal) && [Principal.Service].flat().includes(service);
  return named || v.is(Everybody, Principal);
}

function matches(patterns: PolicyStatement["Action"], text: string): boolean {
  return [patterns ?? []]
    .flat()
    .some((pattern) => matchesWildcard(pattern.toLowerCase(), text.toLowerCase()));
}
