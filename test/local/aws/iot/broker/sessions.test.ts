import { CreateJobCommand } from "@aws-sdk/client-iot";
import { expect, test } from "vitest";
import { thingArn } from "../support/device-policy.ts";
import { iotUnderTest } from "../support/iot-under-test.ts";

const NOTIFY = "$aws/things/pump/jobs/notify-next";

test("a session that is kept has its subscriptions and what came meanwhile; a clean one has neither", async () => {
  const { connect, clients, iot } = await iotUnderTest();
  const { control } = await clients();
  const create = (jobId: string) =>
    control.send(new CreateJobCommand({ jobId, targets: [thingArn("pump")], document: "{}" }));

  const first = await connect("pump", { clean: false });
  await first.client.subscribeAsync(NOTIFY, { qos: 1 });
  await first.client.endAsync();
  await create("j1");
  await iot.settled();
  const second = await connect("pump", { clean: false });
  expect(second.sessionPresent).toBe(true);
  expect(await second.next("notify-next")).toMatchObject({ execution: { jobId: "j1" } });
  await second.client.endAsync();

  const third = await connect("pump", { clean: true });
  expect(third.sessionPresent).toBe(false);
  await third.ask("j1/update", { status: "SUCCEEDED" });
  await create("j2");
  await iot.settled();
  expect(await third.ask("$next/get")).toMatchObject({ payload: { execution: { jobId: "j2" } } });
  expect(third.received).toEqual([]); // of the notification nothing
});

test("a second connection with the same name ends the first", async () => {
  const { connect } = await iotUnderTest();
  const first = await connect("pump");
  const second = await connect("pump");
  await first.closed;
  expect(await second.ask("get")).toMatchObject({ accepted: true });
});

test("a request is answered once, and never comes back to who subscribed to what is below it", async () => {
  const { connect, clients } = await iotUnderTest();
  const { control } = await clients();
  const device = await connect("pump", { clean: false });
  await device.client.subscribeAsync("$aws/things/pump/jobs/#", { qos: 1 });
  await control.send(new CreateJobCommand({ jobId: "j", targets: [thingArn("pump")], document: "{}" }));
  for (const status of ["IN_PROGRESS", "SUCCEEDED"]) await device.ask("j/update", { status });
  await device.ask("$next/get");
  await device.client.endAsync();
  const again = await connect("pump", { clean: false });
  await again.ask("get");
  const topics = [...device.received, ...again.received].map(({ topic }) => topic.split("/jobs/")[1]);
  expect(topics.sort()).toEqual(["notify", "notify", "notify", "notify-next", "notify-next"]);
});

test("connections that are cut leave the service as it was: a device that comes back goes on", async () => {
  const { connect, clients, iot } = await iotUnderTest();
  const { control } = await clients();
  await control.send(new CreateJobCommand({ jobId: "j", targets: [thingArn("pump")], document: "{}" }));
  const device = await connect("pump");
  await device.ask("start-next");
  iot.cut();
  await device.closed;
  const back = await connect("pump");
  expect(await back.ask("$next/get")).toMatchObject({
    payload: { execution: { jobId: "j", versionNumber: 2 } },
  });
});
