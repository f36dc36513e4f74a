import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ringingAlarms } from "../../../operator/cloud/alarms.ts";

const NEVER = new AbortController().signal;

test("only the alarms of this stack are asked for, and those that ring are told with what they say", async () => {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString("latin1");
    asked.push(text);
    if (text.includes("Action=ListStackResources")) {
      const resource = (type: string, id: string) =>
        `<member><ResourceType>${type}</ResourceType><LogicalResourceId>x</LogicalResourceId><PhysicalResourceId>${id}</PhysicalResourceId></member>`;
      response.writeHead(200, { "content-type": "text/xml" }).end(
        `<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>
        ${resource("AWS::CloudWatch::Alarm", "Noteferry-AlarmsServerErrors-1")}${resource("AWS::SQS::Queue", "a-queue")}
        </StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>`,
      );
      return;
    }
    const alarm = { AlarmName: "Noteferry-AlarmsServerErrors-1", AlarmDescription: "It crashed." };
    response
      .writeHead(200, { "content-type": "application/x-amz-json-1.0" })
      .end(JSON.stringify({ MetricAlarms: [{ ...alarm, StateUpdatedTimestamp: 1_780_000_000 }] }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const aws = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "eu-central-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  };
  const deployment = { name: "Noteferry", local: false, outputs: {}, aws, s3: aws };
  expect(await ringingAlarms(deployment, NEVER)).toEqual([
    {
      name: "Noteferry-AlarmsServerErrors-1",
      description: "It crashed.",
      since: "2026-05-28T20:26:40.000Z",
    },
  ]);
  expect(asked).toHaveLength(2);
  expect(asked[1]).toContain("Noteferry-AlarmsServerErrors-1");
  expect(asked[1]).not.toContain("a-queue");
});
