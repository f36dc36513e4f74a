import { createHash, randomUUID } from "node:crypto";
import type { SQSRecord } from "aws-lambda";
import * as v from "valibot";
import { type Answer, type Reply, startServer } from "./loopback-server.ts";

export const QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/files";
export const DEAD_LETTER_QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/dead";

export type Dead = { body: string; reason: string | undefined };
type Queued = { id: string; body: string; receives: number; visibleAt: number; receipt: string };

export type AwsJsonStandIn = AsyncDisposable & {
  url: string;
  dead: Dead[];
  /** Seconds of each ChangeMessageVisibility. */
  postponed: number[];
  secret: string | undefined;
  secretReads: number;
  fault: (action: string, body: string) => Answer | undefined;
  send(body: string, delaySeconds?: number): void;
  /** Takes up to `max` visible messages, as an event source mapping would. */
  receive(max: number, visibilitySeconds: number): SQSRecord[];
  delete(messageId: string): void;
  /** When the next message shows; undefined if none is left. */
  nextVisible(): number | undefined;
  bodies(): string[];
  /** Of the delivery table, by partition and sort key. */
  items: Map<string, Item>;
};

type Item = Readonly<Record<string, unknown>>;

const Entry = v.object({ Id: v.string(), MessageBody: v.string(), DelaySeconds: v.optional(v.number(), 0) });
const TableKey = v.object({ pk: v.object({ S: v.string() }), sk: v.object({ S: v.string() }) });
const TableRequest = v.object({
  Key: v.optional(TableKey),
  Item: v.optional(v.looseObject(TableKey.entries)),
  ExpressionAttributeValues: v.optional(v.object({ ":read": v.object({ N: v.string() }) })),
});

const Query = v.object({
  ExpressionAttributeNames: v.object({ "#pk": v.string() }),
  ExpressionAttributeValues: v.object({ ":pk": v.unknown() }),
});

const Request = v.object({
  QueueUrl: v.optional(v.string()),
  Entries: v.optional(v.array(Entry), []),
  MessageBody: v.optional(v.string(), ""),
  MessageAttributes: v.optional(v.record(v.string(), v.object({ StringValue: v.string() })), {}),
  ReceiptHandle: v.optional(v.string()),
  VisibilityTimeout: v.optional(v.number(), 0),
});

/** SQS, Secrets Manager and DynamoDB: what the notifier calls, and what Lambda's event source mapping does with a queue. */
export async function startAwsJson(now: () => number): Promise<AwsJsonStandIn> {
  let queue: Queued[] = [];
  const server = await startServer(({ headers, body }) => {
    const action = String(headers["x-amz-target"]).split(".")[1] ?? "";
    const fault = standIn.fault(action, body);
    if (fault !== undefined) return fault;
    const input = JSON.parse(body);
    if (action === "Query") return ask(v.parse(Query, input));
    return action.endsWith("Item")
      ? useTable(v.parse(TableRequest, input))
      : perform(action, v.parse(Request, input));
  });

  /** All of one partition of an index. */
  function ask(query: v.InferOutput<typeof Query>): Reply {
    const partition = query.ExpressionAttributeNames["#pk"];
    const wanted = JSON.stringify(query.ExpressionAttributeValues[":pk"]);
    return json({
      Items: [...standIn.items.values()].filter((item) => JSON.stringify(item[partition]) === wanted),
    });
  }

  /** A read, or a write over the revision that was read. */
  function useTable({ Key, Item, ExpressionAttributeValues }: v.InferOutput<typeof TableRequest>): Reply {
    const { pk, sk } = Key ?? Item ?? {};
    const name = `${pk?.S}\n${sk?.S}`;
    const there = standIn.items.get(name);
    if (Item === undefined) return json(there === undefined ? {} : { Item: there });
    const read = JSON.stringify(ExpressionAttributeValues?.[":read"]);
    if (JSON.stringify(there?.revision) !== read) return refusal("ConditionalCheckFailedException");
    standIn.items.set(name, Item);
    return json({});
  }

  function perform(action: string, request: v.InferOutput<typeof Request>): Reply {
    switch (action) {
      case "SendMessageBatch":
        if (request.Entries.length > 10) return refusal("TooManyEntriesInBatchRequest");
        for (const { MessageBody, DelaySeconds } of request.Entries) standIn.send(MessageBody, DelaySeconds);
        return json({ Successful: request.Entries.map(sent), Failed: [] });
      case "SendMessage":
        standIn.dead.push({
          body: request.MessageBody,
          reason: request.MessageAttributes.reason?.StringValue,
        });
        return json(sent({ Id: "0", MessageBody: request.MessageBody }));
      case "ChangeMessageVisibility":
        standIn.postponed.push(request.VisibilityTimeout);
        for (const message of queue) {
          if (message.receipt === request.ReceiptHandle)
            message.visibleAt = now() + request.VisibilityTimeout * 1000;
        }
        return json({});
      case "GetSecretValue":
        standIn.secretReads += 1;
        if (standIn.secret === undefined) return refusal("ResourceNotFoundException");
        return json({ SecretString: standIn.secret });
      default:
        return refusal("InvalidAction");
    }
  }

  const standIn: AwsJsonStandIn = {
    url: server.url,
    dead: [],
    postponed: [],
    secret: '{"token":"pat-1"}',
    secretReads: 0,
    fault: () => undefined,
    send(body, delaySeconds = 0) {
      const visibleAt = now() + delaySeconds * 1000;
      queue.push({ id: randomUUID(), body, receives: 0, visibleAt, receipt: "" });
    },
    receive(max, visibilitySeconds) {
      const taken = queue.filter((message) => message.visibleAt <= now()).slice(0, max);
      for (const message of taken) {
        message.receives += 1;
        message.receipt = randomUUID();
        message.visibleAt = now() + visibilitySeconds * 1000;
      }
      return taken.map((message) =>
        sqsRecord(message.body, {
          messageId: message.id,
          receiptHandle: message.receipt,
          receives: message.receives,
        }),
      );
    },
    delete(messageId) {
      queue = queue.filter((message) => message.id !== messageId);
    },
    nextVisible: () =>
      queue.length === 0 ? undefined : Math.min(...queue.map((message) => message.visibleAt)),
    items: new Map(),
    bodies: () => queue.map((message) => message.body),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
  return standIn;
}

export function sqsRecord(
  body: string,
  of: { messageId?: string; receiptHandle?: string; receives?: number } = {},
): SQSRecord {
  return {
    messageId: of.messageId ?? randomUUID(),
    receiptHandle: of.receiptHandle ?? "receipt",
    body,
    attributes: {
      ApproximateReceiveCount: String(of.receives ?? 1),
      SentTimestamp: "0",
      SenderId: "sender",
      ApproximateFirstReceiveTimestamp: "0",
    },
    messageAttributes: {},
    md5OfBody: md5(body),
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:eu-west-1:123456789012:files",
    awsRegion: "eu-west-1",
  };
}

export function json(body: unknown, status = 200): Reply {
  return { status, headers: { "content-type": "application/x-amz-json-1.0" }, body: JSON.stringify(body) };
}

function sent({ Id, MessageBody }: { Id: string; MessageBody: string; DelaySeconds?: number }) {
  return { Id, MessageId: randomUUID(), MD5OfMessageBody: md5(MessageBody) };
}

function refusal(type: string): Reply {
  return json({ __type: type, message: type }, 400);
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
