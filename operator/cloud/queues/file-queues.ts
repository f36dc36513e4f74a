import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { clientConfig } from "../client-config.ts";
import { type Deployment, outputOf } from "../deployment.ts";

/** The queue of the bucket's events, and where those end that could not be announced. Dispose of it to close its connections. */
export type FileQueues = { client: SQSClient; queueUrl: string; deadLetterQueueUrl: string } & Disposable;

export function openFileQueues(deployment: Deployment): FileQueues {
  return openQueues(deployment, "FileQueueUrl", "DeadLetterQueueUrl");
}

/** @param queue the output with its address; so the other */
export function openQueues(deployment: Deployment, queue: string, deadLetterQueue: string): FileQueues {
  const client = new SQSClient(clientConfig(deployment.aws));
  return {
    client,
    queueUrl: outputOf(deployment, queue),
    deadLetterQueueUrl: outputOf(deployment, deadLetterQueue),
    [Symbol.dispose]: () => client.destroy(),
  };
}

/**
 * About how many messages a queue has: SQS counts so, and may be a minute behind. `visible`: could be received. `hidden`: somebody has
 * received them, or they wait for their next attempt.
 */
export type Depth = { visible: number; hidden: number };

export async function countMessages(
  { client }: FileQueues,
  queueUrl: string,
  signal: AbortSignal,
): Promise<Depth> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
      ],
    }),
    { abortSignal: signal },
  );
  const number = (name: keyof typeof Attributes) => Number(Attributes[name] ?? 0);
  return {
    visible: number("ApproximateNumberOfMessages"),
    hidden: number("ApproximateNumberOfMessagesNotVisible") + number("ApproximateNumberOfMessagesDelayed"),
  };
}
