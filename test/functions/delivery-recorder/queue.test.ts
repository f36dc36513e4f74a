import { Logger } from "@aws-lambda-powertools/logger";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isMappingEvent } from "../../../functions/delivery-recorder/event/queue-event.ts";
import { createDeliveryRecorder } from "../../../functions/delivery-recorder/main.ts";
import { createQueueHandler } from "../../../functions/delivery-recorder/queue-handler.ts";
import type { RecordReport } from "../../../functions/delivery-recorder/record/record-report.ts";
import type { RecorderEvent } from "../../../functions/delivery-recorder/reporter.ts";
import { toSqsEvent } from "../../../local/aws/lambda/sqs-event.ts";
import { captureStdio } from "../../support/capture-stdio.ts";
import {
  recorderSurroundings,
  startDeliveryTable,
  TABLE_NAME,
  TOKEN_SECRET_ARN,
} from "../../support/delivery-table.ts";
import { functionUrlEvent } from "../../support/function-url-event.ts";
import { lambdaContext } from "../../support/lambda-context.ts";

const SHA256 = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

/** What the topic rule queues of a receipt of a thing. */
function message(thing: string, receipt: object = {}): string {
  const name = `things/${thing}/fw.bin`;
  const body = { name, sha256: SHA256, state: "installed", bytes: 10, requests: 1, n: 5, ...receipt };
  const base64 = Buffer.from(JSON.stringify(body)).toString("base64");
  return JSON.stringify({ body: base64, thing, received: 1795867200500 });
}

/** As Lambda's pollers hand them on; the messages' ids are their numbers. */
function batch(...bodies: string[]) {
  const messages = bodies.map((body, index) => ({
    ...{ messageId: String(index), receiptHandle: "r", body, attributes: {} },
    ...{ sentTimestamp: 1, firstReceiveTimestamp: 1, receiveCount: 1 },
  }));
  return toSqsEvent(messages, "arn:aws:sqs:us-east-1:000000000000:ThingReceiptQueue");
}

const failures = (...ids: string[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});

describe("the recorder, as deployed, behind the queue of things [NF-13.6]", () => {
  let world: Awaited<ReturnType<typeof startDeliveryTable>>;
  beforeAll(async () => {
    world = await startDeliveryTable();
    Object.assign(process.env, recorderSurroundings(world.url));
  });
  afterAll(() => world[Symbol.asyncDispose]());

  async function take(event: unknown, DELIVERY_TABLE = TABLE_NAME) {
    const handler = createDeliveryRecorder({ DELIVERY_TABLE, TOKEN_SECRET_ARN });
    const { result, written } = await captureStdio(() => handler(event, lambdaContext()));
    const lines = written.split("\n").filter((line) => line.startsWith("{"));
    return { result, lines: lines.map((line) => JSON.parse(line)) };
  }

  test("records a batch, and drops with a word what is no report", async () => {
    const event = batch(
      message("pump"),
      "no JSON",
      message("valve"),
      message("pump", { name: "things/valve/fw.bin" }),
    );
    const { result, lines } = await take(event);
    expect(result).toEqual(failures());
    const said = lines.map(({ message: what, device, reason }) => [what, device ?? reason]);
    expect(said.sort()).toEqual([
      ["recorded", "thing:pump"],
      ["recorded", "thing:valve"],
      ["unreadable", "its key is another device's"],
      ["unreadable", "no event of the topic rule: itself"],
    ]);
    for (const thing of ["thing:pump", "thing:valve"])
      expect((await world.table.file(thing, "fw.bin"))?.value.reported).toMatchObject({
        n: 5,
        at: 1795867200500,
      });
  });

  test("has all of it come again where the table cannot be written, but what never is a report", async () => {
    const { result, lines } = await take(batch(message("pump"), "no JSON", message("valve")), "Another");
    expect(result).toEqual(failures("0", "2"));
    const putOff = lines.filter(({ message: what }) => what === "put-off");
    expect(putOff.map(({ device }) => device).sort()).toEqual(["thing:pump", "thing:valve"]);
  });

  test("does not take for done what is no batch of a queue", async () => {
    await expect(take({ Records: [{ eventSource: "aws:s3", messageId: "1", body: "{}" }] })).rejects.toThrow(
      "not a batch of an SQS queue",
    );
  });
});

describe("a batch of the queue of things", () => {
  function take(record: RecordReport, bodies: string[], remainingMs?: number) {
    const told: RecorderEvent[] = [];
    const logger = new Logger({ logLevel: "SILENT" });
    const handler = createQueueHandler({ record, tell: (event) => told.push(event), logger, now: Date.now });
    const result = handler(batch(...bodies), lambdaContext(remainingMs));
    return { result, told };
  }
  const done = { states: [], troubles: 0 };
  const things = ["one", "two", "three"].map((thing) => message(thing));

  test("fails by the messages that could not be recorded, and by none besides", async () => {
    const { result, told } = take(async ({ device }) => {
      if (device === "thing:two") throw new Error("throttled");
      return done;
    }, things);
    expect(await result).toEqual(failures("1"));
    expect(told.map((event) => event.message).sort()).toEqual(["put-off", "recorded", "recorded"]);
  });

  test("is answered before the function's time is up: what was recorded by then does not come again", async () => {
    let stopped = false;
    const { result } = take(
      async ({ device }, signal) => {
        if (device !== "thing:two") return done;
        signal?.addEventListener("abort", () => {
          stopped = true;
        });
        return await new Promise(() => undefined);
      },
      things,
      1_050,
    );
    expect(await result).toEqual(failures("1"));
    expect(stopped).toBe(true);
  });

  test("with no time left comes again as a whole", async () => {
    const { result } = take(() => new Promise(() => undefined), things, 0);
    expect(await result).toEqual(failures("0", "1", "2"));
  });

  test("is told from what is posted to the function's URL, whatever that says", () => {
    const event = batch(message("pump"));
    expect(isMappingEvent(event)).toBe(true);
    const posted = { ...functionUrlEvent({ method: "POST" }), body: JSON.stringify(event) };
    expect(isMappingEvent(posted)).toBe(false);
    expect(isMappingEvent({ ...posted, Records: event.Records })).toBe(false);
    for (const none of [undefined, null, "x", {}, { Records: "x" }]) expect(isMappingEvent(none)).toBe(false);
  });
});
