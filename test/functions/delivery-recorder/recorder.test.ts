import { Logger } from "@aws-lambda-powertools/logger";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Recorder } from "../../../functions/delivery-recorder/compose.ts";
import { createHandler } from "../../../functions/delivery-recorder/handler.ts";
import { createDeliveryRecorder } from "../../../functions/delivery-recorder/main.ts";
import { stateOf } from "../../../protocol/delivery-state.ts";
import { formatInventory } from "../../../protocol/inventory.ts";
import { formatManifestReceipt } from "../../../protocol/manifest-receipt.ts";
import { captureStdio } from "../../support/capture-stdio.ts";
import {
  RECORDER_TOKEN,
  recorderSurroundings,
  startDeliveryTable,
  TABLE_NAME,
  TOKEN_SECRET_ARN,
} from "../../support/delivery-table.ts";
import { functionUrlEvent } from "../../support/function-url-event.ts";
import { lambdaContext } from "../../support/lambda-context.ts";

const SHA256 = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
const RECEIPT = { name: "app/main.py", sha256: SHA256, state: "installed", bytes: 10, requests: 1, n: 5 };
const EVENT = { device: "dev:1", file: "file-status.qo", body: RECEIPT, received: 1795867200.5 };

let world: Awaited<ReturnType<typeof startDeliveryTable>>;
let handler: Recorder;
beforeAll(async () => {
  world = await startDeliveryTable();
  Object.assign(process.env, recorderSurroundings(world.url));
  handler = createDeliveryRecorder({ DELIVERY_TABLE: TABLE_NAME, TOKEN_SECRET_ARN });
});
afterAll(() => world[Symbol.asyncDispose]());

/** Posts as Notehub's route does, and keeps what the function writes. */
async function post(body: string, { token = RECORDER_TOKEN, method = "POST", isBase64Encoded = false } = {}) {
  const headers: Record<string, string> = token === "" ? {} : { authorization: `Bearer ${token}` };
  const event = { ...functionUrlEvent({ method, headers }), body, isBase64Encoded };
  const { result, written } = await captureStdio(() => handler(event, lambdaContext()));
  if (!("statusCode" in result)) throw new Error("a batch's response to what was posted");
  const lines = written.split("\n").filter((line) => line.startsWith("{"));
  return { status: result.statusCode, headers: result.headers, body: result.body, written, lines };
}

describe("the recorder, as deployed", () => {
  test("records a receipt, says so in one line, and shows no token in it", async () => {
    const { status, lines, written } = await post(JSON.stringify(EVENT));
    expect(status).toBe(200);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      {
        message: "recorded",
        device: "dev:1",
        key: "app/main.py",
        state: "installed",
        deliveryState: "installed",
      },
    ]);
    expect(written).not.toContain(RECORDER_TOKEN);
    const found = await world.table.file("dev:1", "app/main.py");
    expect(found?.value.reported).toMatchObject({ n: 5, at: 1795867200500 });
  });

  test("takes a copy for a copy, and a body that Lambda has encoded", async () => {
    const { status, lines } = await post(Buffer.from(JSON.stringify(EVENT)).toString("base64"), {
      isBase64Encoded: true,
    });
    expect(status).toBe(200);
    expect(JSON.parse(lines[0] ?? "{}")).not.toHaveProperty("deliveryState");
  });

  test("counts what somebody should look at", async () => {
    const body = { ...RECEIPT, state: "failed", reason: "run", n: 6 };
    const { lines } = await post(JSON.stringify({ ...EVENT, body }));
    const metric = lines.map((line) => JSON.parse(line)).find((line) => "_aws" in line);
    expect(metric).toMatchObject({ DeliveriesFailed: 1, service: "delivery-recorder" });
    const file = await world.table.file("dev:1", "app/main.py");
    expect(file === undefined ? undefined : stateOf(file.value, undefined)).toBe("rolled-back");
  });

  test("records what a device says of a manifest, and what that ends [NF-11.12]", async () => {
    const name = "fleets/fleet:a/main.py";
    const failed = { ...RECEIPT, name, state: "failed", reason: "run", n: 1 };
    await post(JSON.stringify({ ...EVENT, device: "dev:3", body: failed }));
    const counts = { installed: 2, unchanged: 0, removed: 0, bytes: 10, requests: 1 };
    const receipt = formatManifestReceipt(
      { fleet: "fleet:a", serial: 7, ...counts },
      [],
      [["b", "waiting", ""]],
    );
    const { lines, status } = await post(
      JSON.stringify({ ...EVENT, device: "dev:3", body: { ...receipt, n: 2 } }),
    );
    expect(status).toBe(200);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { message: "recorded", device: "dev:3", kind: "manifest", fleet: "fleet:a", serial: 7, exceptions: 1 },
    ]);
    expect((await world.table.manifest("dev:3", "fleet:a"))?.value.said).toMatchObject({ serial: 7, n: 2 });
    const file = await world.table.file("dev:3", "main.py");
    expect(file && stateOf(file.value, undefined)).toBe("installed");
    expect(await world.table.history("dev:3")).toHaveLength(2);
  });

  test("counts a device that was wiped, by each file that it misses", async () => {
    const receipt = { ...RECEIPT, n: 7 };
    await post(JSON.stringify({ ...EVENT, device: "dev:2", body: receipt }));
    await post(JSON.stringify({ ...EVENT, device: "dev:2", body: { ...receipt, name: "other" } }));
    const { lines } = await post(JSON.stringify({ ...EVENT, device: "dev:2", body: formatInventory([], 8) }));
    expect(lines.map((line) => JSON.parse(line)).find((line) => "_aws" in line)).toMatchObject({
      DeliveriesFailed: 2,
    });
    const { lines: again } = await post(
      JSON.stringify({ ...EVENT, device: "dev:2", body: formatInventory([], 9) }),
    );
    expect(again.join()).not.toContain("DeliveriesFailed");
  });

  test.each<[string, string, Parameters<typeof post>[1], number]>([
    ["no token", JSON.stringify(EVENT), { token: "" }, 401],
    [
      "a wrong token, as long as it is not sure to be wrong",
      JSON.stringify(EVENT),
      { token: "another" },
      503,
    ],
    ["another method", "", { method: "GET" }, 405],
    ["no JSON", "<html>", {}, 400],
    ["an event without a receipt", JSON.stringify({ ...EVENT, body: { temperature: 20 } }), {}, 400],
    ["too much", "x".repeat(70_000), {}, 413],
    ["another notefile, which is passed over", JSON.stringify({ ...EVENT, file: "data.qo" }), {}, 200],
  ])("answers %s", async (_what, body, options, status) => {
    const reply = await post(body, options);
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.body)).toBeTypeOf("object");
    expect(reply.written + reply.body).not.toContain(RECORDER_TOKEN);
  });

  test("stops when the function's time is nearly up, and has the event sent again", async () => {
    let stopped = false;
    const hurried = createHandler({
      authorize: async () => "accepted",
      record: (_report, signal) =>
        new Promise(() => {
          signal?.addEventListener("abort", () => {
            stopped = true;
          });
        }),
      tell: () => undefined,
      logger: new Logger({ logLevel: "SILENT" }),
      now: Date.now,
    });
    const event = { ...functionUrlEvent({ method: "POST" }), body: JSON.stringify(EVENT) };
    expect(await hurried(event, lambdaContext(510))).toMatchObject({ statusCode: 503 });
    expect(stopped).toBe(true);
  });

  test("has what it cannot write sent again", async () => {
    const elsewhere = createDeliveryRecorder({ DELIVERY_TABLE: "Another", TOKEN_SECRET_ARN });
    const before = handler;
    handler = elsewhere;
    try {
      const { status, headers } = await post(JSON.stringify(EVENT));
      expect([status, headers["Retry-After"]]).toEqual([503, "10"]);
    } finally {
      handler = before;
    }
  });
});
