import { SendMessageCommand } from "@aws-sdk/client-sqs";
import type { FileQueues } from "./file-queues.ts";

/**
 * What an operator asks of the notifier. `share`: a version is for a part of its fleet, in percent [NF-11.8]. `sweep`: to compare the
 * bucket with what fleets were told [NF-11.14]. `announceFleet`: to tell a target once more, which was told the manifest with the serial `lacking`.
 */
export type NotifierMessage =
  | { share: { bucket: string; key: string; versionId: string; percent: number } }
  | { sweep: Record<string, never> }
  | { announceFleet: { fleet: string; revision: number; lacking: number } };

export async function tellNotifier(
  { client, queueUrl }: FileQueues,
  message: NotifierMessage,
  signal: AbortSignal,
): Promise<void> {
  const command = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(message) });
  await client.send(command, { abortSignal: signal });
}
