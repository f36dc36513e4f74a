import { readFile, stat } from "node:fs/promises";
import { Agent } from "node:https";
import { CreateJobCommand, IoTClient } from "@aws-sdk/client-iot";
import { connectAsync } from "mqtt";
import { expect } from "vitest";
import type { Stack } from "../../../../local/stack/start-stack.ts";
import type { Template } from "../../../../local/template/cloud-assembly.ts";

const arn = (resource: string) => ({
  "Fn::Sub": `arn:aws:iot:\${AWS::Region}:\${AWS::AccountId}:${resource}`,
});
const THING = `\${!iot:Connection.Thing.ThingName}`;

/** Adds what a device may do, and a rule that sends what it reports to the recorder. */
export function addIot({ Resources }: Template): void {
  const recorder = { "Fn::GetAtt": ["DeliveryRecorderFunction", "Arn"] };
  const statements = [
    ["iot:Connect", arn(`client/${THING}`)],
    ["iot:Publish", arn(`topic/$aws/things/${THING}/jobs/*`)],
    ["iot:Publish", arn(`topic/noteferry/receipts/${THING}`)],
    ["iot:Receive", arn(`topic/$aws/things/${THING}/jobs/*`)],
  ].map(([Action, Resource]) => ({ Effect: "Allow", Action, Resource }));
  Resources.DevicePolicy = {
    Type: "AWS::IoT::Policy",
    Properties: { PolicyDocument: { Version: "2012-10-17", Statement: statements } },
  };
  Resources.ReceiptsRule = {
    Type: "AWS::IoT::TopicRule",
    Properties: {
      TopicRulePayload: {
        Sql: "SELECT *, topic(3) AS thing FROM 'noteferry/receipts/+'",
        AwsIotSqlVersion: "2016-03-23",
        Actions: [{ Lambda: { FunctionArn: recorder } }],
      },
    },
  };
  Resources.ReceiptsPermission = {
    Type: "AWS::Lambda::Permission",
    Properties: {
      ...{ Action: "lambda:InvokeFunction", FunctionName: recorder, Principal: "iot.amazonaws.com" },
      SourceArn: { "Fn::GetAtt": ["ReceiptsRule", "Arn"] },
    },
  };
}

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
  // The recorder does not know such an event yet, and says so.
  const heard = () =>
    logs.filter((line) => line.startsWith("DeliveryRecorderFunction") && /put-off/.test(line));
  await client.publishAsync(`noteferry/receipts/${iot.thing}`, '{"state":"installed"}', { qos: 1 });
  await expect.poll(heard).not.toEqual([]);
  await client.endAsync(true);
}
