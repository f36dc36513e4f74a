import { rm, writeFile } from "node:fs/promises";
import { Agent } from "node:https";
import path from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDeliveries, type Deliveries } from "../../operator/cloud/deliveries.ts";
import { stateOf } from "../../protocol/delivery-state.ts";
import { type RunningAgent, runHere } from "../agent/support/agent-under-test.ts";
import { runCli } from "../operator/support/run-cli.ts";
import { type Flow, startFlow, until } from "./support/flow.ts";

const GOOD = "#!/bin/sh\nexit 0\n";
const BAD = "#!/bin/sh\nexit 3\n";

let flow: Flow;
let folder = "";
let agent: RunningAgent;
let deliveries: Deliveries;
const ending: (() => unknown)[] = [];

function startAgent(): RunningAgent {
  const { port } = flow.stack.endpoints.notecard;
  const place = ["--root", path.join(folder, "device"), "--state", path.join(folder, "own-state")];
  const config = ["--config", path.join(folder, "agent.json")];
  return runHere(["run", "--json", "--notecard", `tcp://127.0.0.1:${port}`, ...place, ...config]);
}

beforeAll(async () => {
  flow = await startFlow({ agent: false });
  folder = path.dirname(flow.stack.endpoints.device.root);
  const run = [{ match: "app", command: ["{path}"], seconds: 1 }];
  await writeFile(path.join(folder, "agent.json"), JSON.stringify({ run }));
  const { endpoint, region, accessKeyId, secretAccessKey } = flow.stack.endpoints.aws;
  const httpsAgent = new Agent({ ca: flow.ca });
  const credentials = { accessKeyId, secretAccessKey };
  const dynamodb = new DynamoDBClient({ endpoint, region, credentials, requestHandler: { httpsAgent } });
  ending.push(
    () => dynamodb.destroy(),
    () => httpsAgent.destroy(),
  );
  deliveries = createDeliveries(dynamodb, flow.stack.endpoints.outputs.DeliveryTableName ?? "");
  agent = startAgent();
});
afterAll(async () => {
  await agent.stop();
  for (const end of ending) end();
  await flow.stop();
});

async function put(body: string): Promise<void> {
  await flow.s3.send(new PutObjectCommand({ Bucket: flow.bucket, Key: "app", Body: body }));
}

async function stateInCloud(): Promise<string | undefined> {
  const known = await deliveries.device(flow.stack.endpoints.notehub.deviceUid);
  const delivery = known?.files.find((each) => each.path === "app");
  if (delivery === undefined) return undefined;
  const { reported } = delivery;
  const state = stateOf(delivery, known?.device.inventory);
  return state === "rolled-back" ? `${state}: ${reported?.reason}` : state;
}

const becomes = (state: string) => until(`the state ${state}`, async () => (await stateInCloud()) === state);

const noteferry = (...args: string[]) => runCli([...args, "--local", "--data", folder]);

test("the operator sees which version the device has, and why not the newest", async () => {
  await put(GOOD);
  await becomes("installed");
  await put(BAD);
  await becomes("rolled-back: run");
  // The start tells it as it was received, whoever the device's host is.
  const told = () => flow.events.flatMap((event) => (event.step === "notice" ? event.what : event.step));
  await until("the story", () => told().includes("installed") && told().includes("rolled back"));

  const { deviceUid } = flow.stack.endpoints.notehub;
  const row = /^rolled-back\tapp\trun \(exit 3\)\t\S{8}\t\S+\n$/;
  expect(await noteferry("status", deviceUid)).toMatchObject({ code: 0, out: expect.stringMatching(row) });
  for (const what of [["app"], []]) {
    const { code, out } = await noteferry("status", ...what);
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringContaining(`${deviceUid}\trolled-back\tapp`),
    });
  }
  const { out } = await noteferry("status", "--json");
  expect(JSON.parse(out)).toEqual({
    devices: [
      {
        device: deviceUid,
        files: [
          {
            ...{ path: "app", key: "app", state: "rolled-back", reason: "run", ended: "exit 3" },
            ...{ sha256: expect.stringMatching(/^[\w-]{43}$/), at: expect.stringMatching(/Z$/) },
          },
        ],
      },
    ],
  });
  expect(await noteferry("status", "dev:nobody")).toMatchObject({
    code: 5,
    err: expect.stringContaining("never told"),
  });
  expect(await noteferry("status", "nothing")).toMatchObject({
    code: 5,
    err: expect.stringContaining("ever told"),
  });
});

test("retry has the device try it again, and rollback brings the old one back", async () => {
  const { deviceUid } = flow.stack.endpoints.notehub;
  const failures = async () => {
    const { out } = await noteferry("events", deviceUid);
    return out.split("\n").filter((line) => line.includes("\trolled-back\tapp\trun (exit 3)")).length;
  };
  expect(await failures()).toBe(1);
  expect(await noteferry("retry", deviceUid, "app")).toMatchObject({ code: 0 });
  await until("another failure", async () => (await failures()) === 2);
  expect(await noteferry("rollback", "app")).toMatchObject({ code: 0 });
  await becomes("unchanged");
  expect(await noteferry("status")).toMatchObject({ code: 0, out: "", err: "nothing is in trouble\n" });
  expect(await noteferry("retry", deviceUid, "other")).toMatchObject({ code: 5 });
});

test("retry of what the bucket does not have is refused, and so is a limit of nothing", async () => {
  const { deviceUid } = flow.stack.endpoints.notehub;
  await flow.s3.send(new PutObjectCommand({ Bucket: flow.bucket, Key: "gone.txt", Body: "x" }));
  await until("its receipt", async () => (await noteferry("status", "gone.txt")).out.includes("installed"));
  expect(await noteferry("rm", "gone.txt", "--yes")).toMatchObject({ code: 0 });
  expect(await noteferry("retry", deviceUid, "gone.txt")).toMatchObject({
    code: 5,
    err: expect.stringContaining("the bucket has no gone.txt"),
  });
  expect((await noteferry("status", "--limit", "0")).code).not.toBe(0);
  expect(await noteferry("events", "dev:nobody")).toMatchObject({ code: 5 });
});

test("a device that was wiped says what it has now [NF-9.8], and resend gives it what it should have", async () => {
  const { deviceUid } = flow.stack.endpoints.notehub;
  await agent.stop();
  const second = Math.floor(Date.now() / 1000); // which is all that a Notecard's clock tells apart
  await until("another second", () => Date.now() / 1000 > second + 1);
  await rm(path.join(folder, "own-state"), { recursive: true });
  await rm(path.join(folder, "device/app"));
  agent = startAgent();
  await becomes("missing");
  expect(await noteferry("resend", deviceUid, "--dry-run")).toMatchObject({
    code: 0,
    err: expect.stringContaining("1 file would be"),
  });
  expect(await noteferry("resend", deviceUid)).toMatchObject({ code: 0 });
  await becomes("installed");
});

test("what could not be announced is in trouble, with the reason, and under its fleet if that is unknown", async () => {
  for (const [uid, kind] of [
    ["dev:nobody", "devices"],
    ["fleet:nobody", "fleets"],
  ] as const) {
    const Key = `${kind}/${uid}/lost.txt`;
    await flow.s3.send(new PutObjectCommand({ Bucket: flow.bucket, Key, Body: "x" }));
    const row = `${uid}\tnot-announced\tlost.txt\tNotehub answered 404: `;
    await until("the row", async () => (await noteferry("status")).out.includes(row));
    expect((await noteferry("status", Key)).out).toContain(row);
    expect(JSON.parse((await noteferry("status", "--json")).out).devices).toContainEqual({
      ...{ device: uid, files: [expect.objectContaining({ state: "not-announced", key: Key })] },
    });
  }
  // For the fleet a manifest was stored and taken back, and its folder swept: the deployed notifier may do all of that.
  await until("the sweep", () => flow.logs.some(({ line }) => line.includes('"swept"')));
  const roles = flow.observations.filter(({ principal }) => principal.includes("FileNotifierFunctionRole"));
  expect(roles.some(({ operation }) => operation === "DeleteObject")).toBe(true);
  expect(roles.filter(({ status }) => status === 403)).toEqual([]);
});

test("catch-up records again what Notehub still has, and changes nothing by it", async () => {
  const { deviceUid } = flow.stack.endpoints.notehub;
  const before = await noteferry("status", deviceUid);
  const { code, out } = await noteferry("catch-up", "--json");
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({ recorded: expect.any(Number), unreadable: 0, failed: 0 });
  expect(JSON.parse(out).recorded).toBeGreaterThan(4);
  expect(await noteferry("status", deviceUid)).toEqual(before);
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  expect(JSON.parse((await noteferry("catch-up", "--json", "--since", tomorrow)).out).recorded).toBe(0);
});
