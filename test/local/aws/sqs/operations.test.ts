import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  MessageNotInflight,
  PurgeQueueCommand,
  QueueDoesNotExist,
  ReceiptHandleIsInvalid,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { sqsOperations } from "../../../../local/aws/sqs/operations.ts";
import type { Queues } from "../../../../local/aws/sqs/queues.ts";
import { localEndpoint } from "../aws-json/support/local-endpoint.ts";
import { localQueues, QUEUES } from "./support/local-queues.ts";

async function connect(): Promise<{ sqs: SQSClient; queues: Queues; QueueUrl: string }> {
  const queues = await localQueues();
  const endpoint = await localEndpoint(sqsOperations(queues));
  const sqs = new SQSClient(endpoint.clientConfig);
  onTestFinished(() => sqs.destroy());
  return { sqs, queues, QueueUrl: `${endpoint.url}/000000000000/work` };
}

test("a message with attributes goes through, and the SDK's MD5 checks accept it", async () => {
  const { sqs, QueueUrl } = await connect();
  const MessageAttributes = {
    text: { DataType: "String", StringValue: "é 😀" },
    "number.of": { DataType: "Number", StringValue: "42" },
    bytes: { DataType: "Binary.gif", BinaryValue: new Uint8Array([0, 255, 128]) },
  };
  const sent = await sqs.send(
    new SendMessageCommand({ QueueUrl, MessageBody: '{"key":"Grüße"}', MessageAttributes }),
  );
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
      WaitTimeSeconds: 1,
    }),
  );
  expect(Messages).toEqual([
    {
      MessageId: sent.MessageId,
      ReceiptHandle: expect.any(String),
      Body: '{"key":"Grüße"}',
      MD5OfBody: sent.MD5OfMessageBody,
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      MessageAttributes: expect.objectContaining({
        text: MessageAttributes.text,
        "number.of": MessageAttributes["number.of"],
      }),
      Attributes: {
        ApproximateReceiveCount: "1",
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
        SenderId: expect.any(String),
      },
    },
  ]);
  expect(Messages[0]?.MessageAttributes?.bytes?.BinaryValue).toEqual(MessageAttributes.bytes.BinaryValue);
});

test("only the attributes that were asked for come, by name and by prefix", async () => {
  const { sqs, QueueUrl } = await connect();
  const value = { DataType: "String", StringValue: "v" };
  const MessageAttributes = { "a.one": value, "a.two": value, b: value, c: value };
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "m", MessageAttributes }));
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MessageAttributeNames: ["a.*", "b"],
      MessageSystemAttributeNames: ["ApproximateReceiveCount"],
    }),
  );
  expect(Object.keys(Messages[0]?.MessageAttributes ?? {})).toEqual(["a.one", "a.two", "b"]);
  expect(Messages[0]?.Attributes).toEqual({ ApproximateReceiveCount: "1" });
});

describe("a batch", () => {
  test("fails entry by entry", async () => {
    const { sqs, queues, QueueUrl } = await connect();
    const { Successful, Failed } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "good", MessageBody: "m" },
          { Id: "control", MessageBody: "\u0000" },
          { Id: "empty", MessageBody: "" },
          { Id: "late", MessageBody: "m", DelaySeconds: 60 },
        ],
      }),
    );
    expect(Successful?.map(({ Id }) => Id)).toEqual(["good", "late"]);
    expect(Failed).toMatchObject([
      { Id: "control", Code: "InvalidMessageContents", SenderFault: true },
      { Id: "empty", SenderFault: true },
    ]);
    expect(queues.get("work").depth()).toEqual({ visible: 1, inFlight: 0, delayed: 1 });
  });

  const entries = (count: number, MessageBody = "m") =>
    Array.from({ length: count }, (_, n) => ({ Id: `e${n}`, MessageBody }));
  test.each([
    ["is empty", [], "AWS.SimpleQueueService.EmptyBatchRequest"],
    ["has more than ten entries", entries(11), "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"],
    ["repeats an id", [...entries(1), ...entries(1)], "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"],
    ["has a bad id", [{ Id: "a b", MessageBody: "m" }], "AWS.SimpleQueueService.InvalidBatchEntryId"],
    ["is too long", entries(10, "x".repeat(110_000)), "AWS.SimpleQueueService.BatchRequestTooLong"],
  ])("that %s fails as a whole", async (_, Entries, Code) => {
    const { sqs, queues, QueueUrl } = await connect();
    const sending = sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    await expect(sending).rejects.toMatchObject({ Error: { Code, Type: "Sender" } });
    expect(queues.get("work").depth().visible).toBe(0);
  });

  test("deletes and changes visibility entry by entry", async () => {
    const { sqs, queues, QueueUrl } = await connect();
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: entries(3) }));
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    const handles = Messages.map(({ ReceiptHandle }) => ReceiptHandle);
    const changed = await sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "now", ReceiptHandle: handles[0], VisibilityTimeout: 0 },
          { Id: "never", ReceiptHandle: handles[1], VisibilityTimeout: 43_201 },
        ],
      }),
    );
    expect(changed.Successful).toEqual([{ Id: "now" }]);
    expect(changed.Failed).toMatchObject([{ Id: "never" }]);
    const deleted = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "one", ReceiptHandle: handles[1] },
          { Id: "bad", ReceiptHandle: "no receipt" },
        ],
      }),
    );
    expect(deleted.Successful).toEqual([{ Id: "one" }]);
    expect(deleted.Failed).toMatchObject([{ Id: "bad", Code: "ReceiptHandleIsInvalid" }]);
    expect(queues.get("work").depth()).toEqual({ visible: 1, inFlight: 1, delayed: 0 });
  });
});

test("a message of 1 MiB goes through, one byte more is refused", async () => {
  const { sqs, QueueUrl } = await connect();
  const MessageBody = '"'.repeat(1_048_576);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages?.[0]?.Body).toHaveLength(1_048_576);
  const tooLong = sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: `${MessageBody}x` }));
  await expect(tooLong).rejects.toMatchObject({ Error: { Code: "InvalidParameterValue" } });
});

test("a receive waits for a message, and a receive that was given up takes none", async () => {
  const { sqs, queues, QueueUrl } = await connect();
  const abort = new AbortController();
  const command = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 });
  const givenUp = sqs.send(command, { abortSignal: abort.signal });
  await new Promise((resolve) => setTimeout(resolve, 200));
  abort.abort();
  await expect(givenUp).rejects.toThrow();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const received = sqs.send(command);
  await queues.get("work").send("m");
  expect((await received).Messages).toMatchObject([{ Body: "m" }]);
  await queues.get("work").send("next");
  expect(queues.get("work").depth()).toEqual({ visible: 1, inFlight: 1, delayed: 0 });
});

test("receipts: deleting, lengthening, and what is no receipt", async () => {
  const { sqs, queues, QueueUrl } = await connect();
  await queues.get("work").send("m");
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 60 }));
  const ReceiptHandle = Messages[0]?.ReceiptHandle ?? "";
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 900 }));
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  expect(queues.get("work").depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  const change = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 1 });
  await expect(sqs.send(change)).rejects.toThrow(MessageNotInflight);
  const bad = new DeleteMessageCommand({ QueueUrl, ReceiptHandle: "no receipt" });
  await expect(sqs.send(bad)).rejects.toThrow(ReceiptHandleIsInvalid);
});

test("queues are found by name, listed, described and emptied", async () => {
  const { sqs, queues, QueueUrl } = await connect();
  await queues.get("work").send("m");
  expect(await sqs.send(new GetQueueUrlCommand({ QueueName: "work" }))).toMatchObject({
    QueueUrl: QUEUES[0]?.url,
  });
  expect(await sqs.send(new ListQueuesCommand({ QueueNamePrefix: "dead" }))).toMatchObject({
    QueueUrls: [QUEUES[1]?.url],
  });
  const attributes = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] });
  expect((await sqs.send(attributes)).Attributes).toEqual({
    QueueArn: QUEUES[0]?.arn,
    ApproximateNumberOfMessages: "1",
    ApproximateNumberOfMessagesNotVisible: "0",
    ApproximateNumberOfMessagesDelayed: "0",
    VisibilityTimeout: "30",
    MessageRetentionPeriod: "345600",
    DelaySeconds: "0",
    RedrivePolicy: JSON.stringify(QUEUES[0]?.redrive),
  });
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  await vi.waitFor(() => expect(queues.get("work").depth().visible).toBe(0));
});

test("a queue that does not exist is the error that the SDK knows", async () => {
  const { sqs, QueueUrl } = await connect();
  const send = new SendMessageCommand({ QueueUrl: `${QueueUrl}-not`, MessageBody: "m" });
  await expect(sqs.send(send)).rejects.toThrow(QueueDoesNotExist);
  await expect(sqs.send(new GetQueueUrlCommand({ QueueName: "not" }))).rejects.toMatchObject({
    name: "QueueDoesNotExist",
    Error: { Code: "AWS.SimpleQueueService.NonExistentQueue" },
  });
});
