import { readFile, stat } from "node:fs/promises";
import { Agent } from "node:https";
import { CreateJobCommand, IoTClient } from "@aws-sdk/client-iot";
import { connectAsync } from "mqtt";
import { expect } from "vitest";
import type { Stack } from "../../../../local/stack/start-stack.ts";
import { receiptTopic } from "../../../../protocol/thing-topics.ts";

/** By what `endpoints.json` says alone: a job reaches the thing, and what the thing reports reaches the recorder. */
export async function expectIotWorks({ endpoints }: Stack, logs: readonly string[]): Promise<void> {
  const { iot, aws } = endpoints;
  if (iot === undefined) return expect.fail("there is no AWS IoT");
  expect((await stat(iot.keyFile)).mode & 0o777).toBe(0o600);
  const ca = await readFile(iot.caFile);
  const cert = await readFile(iot.certFile);
  const key = await readFile(iot.keyFile);
  const { endpoint, region, caFile: _, ...credentials } = aws;
  const httpsAgent = new Agent({ ca });
  const control = new IoTClient({ endpoint, region, credentials, requestHandler: { httpsAgent } });
  const targets = [`arn:aws:iot:${region}:000000000000:thing/${iot.thing}`];
  await control.send(new CreateJobCommand({ jobId: "j", targets, document: "{}" }));
  control.destroy();

  const client = await connectAsync({
    ...{ protocol: "mqtts" as const, host: iot.host, port: iot.port, ca, cert, key, clientId: iot.thing },
    reconnectPeriod: 0,
  });
  const answered = new Promise((resolve) => client.once("message", (topic) => resolve(topic)));
  await client.publishAsync(`$aws/things/${iot.thing}/jobs/j/get`, "", { qos: 1 });
  expect(await answered).toBe(`$aws/things/${iot.thing}/jobs/j/get/accepted`);
  // That is no receipt, and the recorder says so.
  const heard = () =>
    logs.filter((line) => line.startsWith("DeliveryRecorderFunction") && /unreadable/.test(line));
  await client.publishAsync(receiptTopic(iot.thing), '{"state":"installed"}', { qos: 1 });
  await expect.poll(heard).not.toEqual([]);
  await client.endAsync(true);
}
