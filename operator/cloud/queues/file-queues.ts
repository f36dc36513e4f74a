import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { clientConfig } from "../client-config.ts";
import { type Deployment, outputOf } from "../deployment.ts";

/** The queue of the bucket's events, and where those end that could not be announced. Dispose of it to close its connections. */
export type FileQueues = { client: SQSClient; queueUrl: string; deadLetterQueueUrl: string } & Disposable;

export function openFileQueues(deployment: Deployment): FileQueues {
  const client = new SQSClient(clientConfig(deployment.aws));
  return {
    client,
    queueUrl: outputOf(deployment, "FileQueueUrl"),
    deadLetterQueueUrl: outputOf(deployment, "DeadLetterQueueUrl"),
    [Symbol.dispose]: () => client.destroy(),
  };
}

/** About how many messages a queue has that could be received: SQS counts so. */
export async function countMessages(
  { client }: FileQueues,
  queueUrl: string,
  signal: AbortSignal,
): Promise<number> {
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }),
    { abortSignal: signal },
  );
  return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
}
