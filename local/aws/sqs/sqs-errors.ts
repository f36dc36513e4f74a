import { AwsError } from "../aws-json/aws-error.ts";

/** The errors of the SQS API; https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/ */
const ERRORS = {
  QueueDoesNotExist: { status: 400, queryCode: "AWS.SimpleQueueService.NonExistentQueue" },
  ReceiptHandleIsInvalid: { status: 404, queryCode: "ReceiptHandleIsInvalid" },
  MessageNotInflight: { status: 400, queryCode: "AWS.SimpleQueueService.MessageNotInflight" },
  InvalidMessageContents: { status: 400, queryCode: "InvalidMessageContents" },
  InvalidParameterValueException: { status: 400, queryCode: "InvalidParameterValue" },
  EmptyBatchRequest: { status: 400, queryCode: "AWS.SimpleQueueService.EmptyBatchRequest" },
  TooManyEntriesInBatchRequest: {
    status: 400,
    queryCode: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
  },
  BatchEntryIdsNotDistinct: { status: 400, queryCode: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct" },
  InvalidBatchEntryId: { status: 400, queryCode: "AWS.SimpleQueueService.InvalidBatchEntryId" },
  BatchRequestTooLong: { status: 400, queryCode: "AWS.SimpleQueueService.BatchRequestTooLong" },
} as const;

export function sqsError(name: keyof typeof ERRORS, sentence: string): AwsError {
  return new AwsError(`com.amazonaws.sqs#${name}`, sentence, ERRORS[name]);
}
