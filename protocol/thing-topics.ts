/** The topic to which a thing publishes what it says of itself. [NF-13.6] */
export function receiptTopic(thingName: string, stage?: string): string {
  return `${prefixOf(stage)}/things/${thingName}/receipts`;
}

/** The number of the level of {@link receiptTopic} that is the thing's name, as the rule's SQL counts: from 1. */
export const RECEIPT_THING_LEVEL = 3;

function prefixOf(stage: string | undefined): string {
  return stage === undefined ? "noteferry" : `noteferry-${stage}`;
}
