import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { receiptTopic } from "../../protocol/thing-topics.ts";
import { connectDevice } from "../local/aws/iot/support/device.ts";
import { runCli } from "../operator/support/run-cli.ts";
import { type Flow, startFlow, until } from "./support/flow.ts";

/** A receipt that was not recorded comes again after three minutes: here after a second. */
const TIME_SCALE = 180;
/** More than Lambda tries what it is given by an asynchronous call. */
const FAILURES = 4;

let flow: Flow;
let failures = 0;
beforeAll(async () => {
  flow = await startFlow({
    ...{ iot: true, agent: false, timeScale: TIME_SCALE },
    observeInvocation({ id, result }) {
      if (id === "DeliveryRecorderFunction" && result.kind !== "ok") failures += 1;
    },
  });
});
afterAll(() => flow.stop());

async function publish(receipt: object): Promise<void> {
  const { iot } = flow.stack.endpoints;
  if (iot === undefined) throw new Error("AWS IoT does not run");
  const [cert, key] = await Promise.all([readFile(iot.certFile), readFile(iot.keyFile)]);
  const address = { protocol: "mqtts", host: iot.host, port: iot.port, ca: flow.ca } as const;
  const options = { ...address, cert, key, clientId: iot.thing, reconnectPeriod: 0 };
  const { client } = await connectDevice(options, iot.thing);
  await client.publishAsync(receiptTopic(iot.thing), JSON.stringify(receipt), { qos: 1 });
  await client.endAsync(true);
}

test("a receipt that the recorder fails at again and again is on record once it works [NF-13.6]", async () => {
  const { deployment, functions, endpoints, awsEnvFile } = flow.stack;
  const { thing } = endpoints.iot ?? {};
  const recorder = deployment.functions.find(({ id }) => id === "DeliveryRecorderFunction");
  // Long before it has started and read what it is given.
  const killing = setInterval(() => functions.byArn.get(recorder?.arn ?? "")?.kill(), 5);
  try {
    await publish({
      ...{ name: `things/${thing}/fw.bin`, sha256: "A".repeat(43), state: "installed" },
      ...{ n: Date.now(), bytes: 10, requests: 2 },
    });
    await until(`${FAILURES} failures`, () => failures >= FAILURES);
  } finally {
    clearInterval(killing);
  }
  const files = await until("its record", async () => {
    const where = ["--json", "--local", "--data", path.dirname(awsEnvFile)];
    const { code, out } = await runCli(["status", `thing:${thing}`, ...where]);
    const [found] = code === 0 ? JSON.parse(out).devices : [];
    return found?.files.length > 0 && found.files;
  });
  expect(files).toMatchObject([{ path: "fw.bin", state: "installed" }]);
});
