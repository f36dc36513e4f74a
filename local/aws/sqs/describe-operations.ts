import * as v from "valibot";
import type { Operations } from "../aws-json/operation.ts";
import { parseInput } from "../aws-json/parse-input.ts";
import type { LocalQueue } from "./queue.ts";
import { queueByName, queueOperation } from "./queue-operation.ts";
import type { Queues } from "./queues.ts";

const NameInput = v.object({ QueueName: v.string() });
const ListInput = v.object({ QueueNamePrefix: v.optional(v.string(), "") });
const AttributesInput = v.object({ AttributeNames: v.optional(v.array(v.string()), []) });

/** Describes queues, and empties one. */
export function describeOperations(queues: Queues): Operations {
  const byName = (input: unknown) => queueByName(queues, parseInput(NameInput, input).QueueName);
  return {
    "AmazonSQS.GetQueueUrl": {
      action: "sqs:GetQueueUrl",
      resource: (input) => byName(input).settings.arn,
      run: (input) => ({ QueueUrl: byName(input).settings.url }),
    },
    "AmazonSQS.ListQueues": {
      action: "sqs:ListQueues",
      resource: () => "*",
      run(input) {
        const { QueueNamePrefix } = parseInput(ListInput, input);
        const found = queues.list().filter(({ settings }) => settings.name.startsWith(QueueNamePrefix));
        return { QueueUrls: found.map(({ settings }) => settings.url) };
      },
    },
    "AmazonSQS.GetQueueAttributes": queueOperation(
      queues,
      "GetQueueAttributes",
      AttributesInput,
      (queue, { AttributeNames }) => {
        const wanted = Object.entries(queueAttributes(queue)).filter(
          ([name]) => AttributeNames.includes("All") || AttributeNames.includes(name),
        );
        return wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted) };
      },
    ),
    "AmazonSQS.PurgeQueue": queueOperation(queues, "PurgeQueue", v.object({}), (queue) => queue.purge()),
  };
}

/** Times as the template gives them, whatever the time scale. */
function queueAttributes(queue: LocalQueue): Record<string, string> {
  const { settings } = queue;
  const { visible, inFlight, delayed } = queue.depth();
  return {
    QueueArn: settings.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(settings.visibilityTimeoutSeconds),
    MessageRetentionPeriod: String(settings.retentionSeconds),
    DelaySeconds: String(settings.delaySeconds),
    ...(settings.redrive === undefined ? {} : { RedrivePolicy: JSON.stringify(settings.redrive) }),
  };
}
