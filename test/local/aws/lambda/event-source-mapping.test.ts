import type { SQSEvent } from "aws-lambda";
import { expect, onTestFinished, test, vi } from "vitest";
import { startEventSourceMapping } from "../../../../local/aws/lambda/event-source-mapping.ts";
import type { Queues } from "../../../../local/aws/sqs/queues.ts";
import { localQueues } from "../sqs/support/local-queues.ts";
import { localFunction } from "./support/bundle.ts";

/** Prints what it is given, and does what the bodies say. */
const HANDLER = `
export const handler = async (event) => {
  console.log("got " + event.Records.map(({ body, attributes }) => body + attributes.ApproximateReceiveCount).join(" "));
  const bodies = event.Records.map(({ body }) => body);
  if (bodies.includes("throw")) throw new Error("as asked");
  if (bodies.includes("exit")) process.exit(1);
  if (bodies.includes("hang")) for (;;);
  if (bodies.includes("wait")) await new Promise((done) => setTimeout(done, 500));
  if (bodies.includes("unknown-id")) return { batchItemFailures: [{ itemIdentifier: "unknown" }] };
  return { batchItemFailures: event.Records.filter(({ body }) => body === "fail").map(({ messageId }) => ({ itemIdentifier: messageId })) };
};`;

async function mapped(
  options: {
    batchSize?: number;
    reportBatchItemFailures?: boolean;
    maximumConcurrency?: number;
    bodies?: string[];
    timeScale?: number;
    timeoutSeconds?: number;
  } = {},
) {
  const seen: string[] = [];
  const queues: Queues = await localQueues({ timeScale: options.timeScale ?? 1 });
  const target = await localFunction(HANDLER, {
    timeoutSeconds: options.timeoutSeconds ?? 10,
    onLog: (line) => {
      const [, records] = /got (.*)$/.exec(line) ?? [];
      if (records !== undefined) seen.push(records);
    },
  });
  await target.invoke({ Records: [] }); // so that no time-out of the queue has to cover a first start
  seen.length = 0;
  for (const body of options.bodies ?? []) await queues.get("work").send(body);
  const log: string[] = [];
  const mapping = startEventSourceMapping({
    queue: queues.get("work"),
    target,
    batchSize: 10,
    reportBatchItemFailures: true,
    maximumConcurrency: 1,
    onLog: (line) => log.push(line),
    ...options,
  });
  onTestFinished(() => mapping.stop());
  return { queues, mapping, seen, log, target };
}

const EMPTY = { visible: 0, inFlight: 0, delayed: 0 };
const LONG = { timeout: 15_000 };

test("what the function handled is deleted, in batches of the given size", async () => {
  const { queues, seen } = await mapped({ bodies: ["a", "b", "c"], batchSize: 2 });
  await vi.waitFor(() => expect(queues.get("work").depth()).toEqual(EMPTY), LONG);
  expect(seen).toEqual(["a1 b1", "c1"]);
});

test("only the messages that it reports come again, until they are dead letters", async () => {
  const { queues, seen } = await mapped({ bodies: ["good", "fail", "fine"], timeScale: 30 });
  await vi.waitFor(() => expect(queues.get("dead-letters").depth().visible).toBe(1), LONG);
  expect(seen).toEqual(["good1 fail1 fine1", "fail2", "fail3"]);
  expect(queues.get("work").depth()).toEqual(EMPTY);
});

test.each([
  ["throw", 30],
  ["unknown-id", 30],
  ["exit", 15], // the next delivery needs a new environment
  ["hang", 15],
])(
  "after a batch that ends in %s all of it comes again, until it is dead letters",
  async (body, timeScale) => {
    const { queues, seen } = await mapped({
      bodies: ["bystander", body],
      timeScale,
      timeoutSeconds: 0.5,
    });
    await vi.waitFor(() => expect(queues.get("dead-letters").depth().visible).toBe(2), LONG);
    const deliveries = seen.flatMap((batch) => batch.split(" "));
    expect(deliveries.toSorted()).toEqual(
      ["bystander1", "bystander2", "bystander3", `${body}1`, `${body}2`, `${body}3`].toSorted(),
    );
  },
);

test("without ReportBatchItemFailures the response does not matter", async () => {
  const { queues, seen } = await mapped({ bodies: ["fail"], reportBatchItemFailures: false });
  await vi.waitFor(() => expect(queues.get("work").depth()).toEqual(EMPTY), LONG);
  expect(seen).toEqual(["fail1"]);
});

test("a response that is not valid is logged", async () => {
  const { log } = await mapped({ bodies: ["unknown-id"] });
  await vi.waitFor(
    () => expect(log.join()).toContain("work to example: its batch response is not valid"),
    LONG,
  );
});

test("batches run at the same time, up to the maximum", async () => {
  const { queues, target } = await mapped({
    bodies: Array(6).fill("wait"),
    batchSize: 1,
    maximumConcurrency: 2,
  });
  await vi.waitFor(() => expect(target.environments()).toHaveLength(2), LONG);
  await vi.waitFor(() => {
    expect(queues.get("work").depth().inFlight).toBeLessThanOrEqual(2);
    expect(queues.get("work").depth()).toEqual(EMPTY);
  }, LONG);
  expect(target.environments()).toHaveLength(2);
});

test("stop lets the running batch finish and takes no other", async () => {
  const { queues, mapping, seen } = await mapped({ bodies: ["wait"] });
  await vi.waitFor(() => expect(seen).toHaveLength(1), LONG);
  const stopped = mapping.stop();
  await queues.get("work").send("after");
  await stopped;
  expect(queues.get("work").depth()).toEqual({ ...EMPTY, visible: 1 });
  expect(seen).toEqual(["wait1"]);
});

test("stop does not wait for ever; the batch stays in the queue", async () => {
  const { queues, mapping, seen } = await mapped({ bodies: ["wait"], timeScale: 1 });
  await vi.waitFor(() => expect(seen).toHaveLength(1), LONG);
  await mapping.stop(10);
  expect(queues.get("work").depth()).toEqual({ ...EMPTY, inFlight: 1 });
});

test("the event has the type that functions are written against", async () => {
  const { target } = await mapped();
  const event: SQSEvent = { Records: [] };
  expect(await target.invoke(event)).toEqual({ kind: "ok", payload: { batchItemFailures: [] } });
});
