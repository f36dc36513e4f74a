import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  AddThingToThingGroupCommand,
  CreateThingCommand,
  CreateThingGroupCommand,
} from "@aws-sdk/client-iot";
import { expect, onTestFinished, test } from "vitest";
import { groupsOf, thingsOf } from "../../../operator/cloud/iot/thing-groups.ts";
import { createMembership } from "../../../operator/cloud/membership.ts";
import { iotUnderTest } from "../../local/aws/iot/support/iot-under-test.ts";

const signal = new AbortController().signal;

async function start() {
  const { clients } = await iotUnderTest();
  return await clients();
}

test("the things of a group are all of its pages, and a thing knows its groups", async () => {
  const { control, config } = await start();
  for (const thingGroupName of ["pumps", "wet", "empty"])
    await control.send(new CreateThingGroupCommand({ thingGroupName }));
  const names = Array.from({ length: 260 }, (_, at) => `pump-${at}`); // pages have 250
  const add = async (thingName: string) => {
    await control.send(new CreateThingCommand({ thingName }));
    await control.send(new AddThingToThingGroupCommand({ thingGroupName: "pumps", thingName }));
  };
  await Promise.all(names.map(add));
  await control.send(new AddThingToThingGroupCommand({ thingGroupName: "wet", thingName: "pump-7" }));
  const found = await thingsOf("thing-group:pumps", config, signal);
  expect(found.toSorted()).toEqual(names.map((name) => `thing:${name}`).toSorted());
  expect(await thingsOf("thing-group:empty", config, signal)).toEqual([]);
  const groups = await groupsOf("thing:pump-7", config, signal);
  expect(groups.toSorted()).toEqual(["thing-group:pumps", "thing-group:wet"]);
});

test("what AWS IoT does not have is said by its name", async () => {
  const { config } = await start();
  await expect(thingsOf("thing-group:none", config, signal)).rejects.toMatchObject({
    code: "not-found",
    message: "AWS IoT has no thing-group:none in this account and region",
  });
  await expect(groupsOf("thing:none", config, signal)).rejects.toMatchObject({ code: "not-found" });
});

test("a list that does not end ends in a sentence", async () => {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ things: ["a"], nextToken: String(Math.random()) }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const config = {
    ...{ endpoint: `http://127.0.0.1:${port}`, region: "eu-west-1" },
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
  };
  await expect(thingsOf("thing-group:a", config, signal)).rejects.toThrow("does not end");
});

test("a thing is its own only device, and neither Notehub nor AWS IoT is asked for that", async () => {
  const deployment = { name: "", local: false, outputs: {}, aws: {}, s3: {} };
  const project = () => Promise.reject(new Error("Notehub is asked"));
  const membership = createMembership(deployment, project, signal);
  expect(await membership.devicesOf("thing:pump")).toEqual(["thing:pump"]);
  await expect(membership.devicesOf("fleet:1")).rejects.toThrow("Notehub is asked");
});
