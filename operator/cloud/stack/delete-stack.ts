import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type CloudFormationClient,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type StackEvent,
} from "@aws-sdk/client-cloudformation";
import { OperatorError } from "../operator-error.ts";

/** Milliseconds between two looks: CloudFormation counts calls. */
const LOOK_EVERY_MS = 3_000;

/** What became of a resource, as it comes. `reason` is CloudFormation's sentence. */
export type Removal = { logicalId: string; type: string; status: string; reason: string | undefined };

/**
 * Has CloudFormation delete a stack, and watches until it is gone. An abort ends the watching alone.
 *
 * @param stackId the ARN: by its name a stack that is gone cannot be asked for
 * @throws {OperatorError} `fault` if CloudFormation gives up, with what it could not delete.
 */
export async function deleteStack(
  client: CloudFormationClient,
  stackId: string,
  tell: (removal: Removal) => void,
  abortSignal: AbortSignal,
  lookEveryMs = LOOK_EVERY_MS,
): Promise<void> {
  const token = `destroy-${randomUUID()}`;
  await client.send(new DeleteStackCommand({ StackName: stackId, ClientRequestToken: token }), {
    abortSignal,
  });
  const told = new Set<string>();
  for (;;) {
    // The status first: what came before the last one is then among the events.
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stackId }), {
      abortSignal,
    });
    const status = Stacks[0]?.StackStatus ?? "DELETE_COMPLETE";
    const failed: Removal[] = [];
    for (const event of await eventsOf(client, stackId, token, abortSignal)) {
      const removal = removalOf(event);
      if (removal.status === "DELETE_FAILED") failed.push(removal);
      if (removal.status === "DELETE_IN_PROGRESS" || told.has(event.EventId ?? "")) continue;
      told.add(event.EventId ?? "");
      tell(removal);
    }
    if (status === "DELETE_COMPLETE") return;
    if (status === "DELETE_FAILED")
      throw new OperatorError(
        "fault",
        "CloudFormation could not delete all of it: mend what it says, and run this again",
        {
          lines: failed.map(({ logicalId, reason = "" }) => `${logicalId}: ${reason}`),
        },
      );
    await sleep(lookEveryMs, undefined, { signal: abortSignal });
  }
}

/** Those of this deletion, oldest first: a stack has events of all that was done to it, newest first. */
async function eventsOf(
  client: CloudFormationClient,
  StackName: string,
  token: string,
  abortSignal: AbortSignal,
): Promise<StackEvent[]> {
  const events: StackEvent[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new DescribeStackEventsCommand({ StackName, NextToken }), { abortSignal });
    const all = page.StackEvents ?? [];
    const its = all.filter(({ ClientRequestToken }) => ClientRequestToken === token);
    events.push(...its);
    NextToken = its.length < all.length ? undefined : page.NextToken;
  } while (NextToken !== undefined);
  return events.filter(({ PhysicalResourceId }) => PhysicalResourceId !== StackName).toReversed();
}

function removalOf({
  LogicalResourceId,
  ResourceType,
  ResourceStatus,
  ResourceStatusReason,
}: StackEvent): Removal {
  return {
    logicalId: LogicalResourceId ?? "",
    type: ResourceType ?? "",
    status: ResourceStatus ?? "",
    reason: ResourceStatusReason,
  };
}
