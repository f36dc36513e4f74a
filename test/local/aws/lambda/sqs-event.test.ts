import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readBatchResponse, toSqsEvent } from "../../../../local/aws/lambda/sqs-event.ts";

const QUEUE_ARN = "arn:aws:sqs:eu-west-1:000000000000:work";

test("a record has every field that Lambda's pollers send", () => {
  const event = toSqsEvent(
    [
      {
        messageId: "059f36b4-87a3-44ab-83d2-661975830a7d",
        receiptHandle: "handle",
        body: "hello",
        attributes: {
          number: { DataType: "Number", StringValue: "1493147359900" },
          bytes: { DataType: "Binary", BinaryValue: "AP8=" },
        },
        sentTimestamp: 1545082649183,
        firstReceiveTimestamp: 1545082649185,
        receiveCount: 2,
        deadLetterQueueSourceArn: "arn:aws:sqs:eu-west-1:000000000000:source",
      },
    ],
    QUEUE_ARN,
  );
  expect(event).toEqual({
    Records: [
      {
        messageId: "059f36b4-87a3-44ab-83d2-661975830a7d",
        receiptHandle: "handle",
        body: "hello",
        attributes: {
          ApproximateReceiveCount: "2",
          SentTimestamp: "1545082649183",
          SenderId: expect.stringMatching(/^AIDA/),
          ApproximateFirstReceiveTimestamp: "1545082649185",
          DeadLetterQueueSourceArn: "arn:aws:sqs:eu-west-1:000000000000:source",
        },
        messageAttributes: {
          number: {
            stringValue: "1493147359900",
            stringListValues: [],
            binaryListValues: [],
            dataType: "Number",
          },
          bytes: { binaryValue: "AP8=", stringListValues: [], binaryListValues: [], dataType: "Binary" },
        },
        md5OfBody: "5d41402abc4b2a76b9719d911017c592",
        md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
        eventSource: "aws:sqs",
        eventSourceARN: QUEUE_ARN,
        awsRegion: "eu-west-1",
      },
    ],
  });
});

describe("a batch response", () => {
  const ids = new Set(["a", "b", "c"]);

  test.each([[null], [undefined], [{}], [{ batchItemFailures: [] }], [{ batchItemFailures: null }]])(
    "%j is a complete success",
    (payload) => expect(readBatchResponse(payload, ids)).toEqual(new Set()),
  );

  test("names the messages that failed", () => {
    const payload = { batchItemFailures: [{ itemIdentifier: "c" }, { itemIdentifier: "a" }] };
    expect(readBatchResponse(payload, ids)).toEqual(new Set(["a", "c"]));
  });

  test.each([
    [{ batchItemFailures: [{ itemIdentifier: "" }] }],
    [{ batchItemFailures: [{ itemIdentifier: null }] }],
    [{ batchItemFailures: [{ item: "a" }] }],
    [{ batchItemFailures: [{ itemIdentifier: "a" }, { itemIdentifier: "unknown" }] }],
    [{ batchItemFailures: "a" }],
    ["a string"],
    [1],
  ])("%j fails the whole batch", (payload) => expect(readBatchResponse(payload, ids)).toBeUndefined());

  test("of any form neither throws nor names a message that is not in the batch", () => {
    const payload = fc.oneof(
      fc.jsonValue(),
      fc.record({
        batchItemFailures: fc.array(fc.record({ itemIdentifier: fc.constantFrom("a", "b", "x", "") })),
      }),
    );
    fc.assert(
      fc.property(payload, (given) => {
        for (const id of readBatchResponse(given, ids) ?? []) expect(ids).toContain(id);
      }),
    );
  });
});
