import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TlsOptions } from "node:tls";
import { connect, type IClientOptions } from "mqtt";
import { expect, test } from "vitest";
import { loadClientCa } from "../../../../../local/host/tls/client-ca.ts";
import { DEVICE_POLICY, topicArn } from "../support/device-policy.ts";
import { iotUnderTest } from "../support/iot-under-test.ts";

/** Whether a connection comes about; one that is refused says so in several ways. */
async function connects(options: IClientOptions): Promise<boolean> {
  const client = connect(options);
  const connected = await new Promise<boolean>((resolve) => {
    client.once("connect", () => resolve(true));
    client.once("error", () => resolve(false));
    client.once("close", () => resolve(false));
  });
  client.end(true);
  return connected;
}

test("a thing connects with its own certificate, under its own name", async () => {
  const { connect: connectThing } = await iotUnderTest();
  await connectThing("pump");
});

test("a client that asks for MQTT by ALPN, as on AWS's port 443, is served", async () => {
  const { connect: connectThing } = await iotUnderTest();
  const options: IClientOptions & TlsOptions = { ALPNProtocols: ["x-amzn-mqtt-ca"] };
  const { client } = await connectThing("pump", options);
  expect(client.stream).toMatchObject({ alpnProtocol: "x-amzn-mqtt-ca" });
});

test("nobody connects with another thing's certificate, none, an expired one, one of a stranger or of no thing", async () => {
  const { connection, devices, observations } = await iotUnderTest();
  const own = await connection("pump");
  const others = await connection("valve");
  expect(await connects({ ...others, clientId: "pump" })).toBe(false);
  expect(observations).toContainEqual({
    kind: "refused",
    clientId: "pump",
    reason: "no policy allows iot:Connect",
  });

  const { cert: _, key: __, ...without } = own;
  expect(await connects(without)).toBe(false);

  const past = {
    notBefore: new Date(Date.now() - 2 * 86_400_000),
    notAfter: new Date(Date.now() - 86_400_000),
  };
  expect(await connects({ ...own, ...(await devices.issue("pump", past)) })).toBe(false);

  const dir = await mkdtemp(path.join(tmpdir(), "noteferry-other-ca-"));
  const strangers = await loadClientCa(dir);
  await rm(dir, { recursive: true });
  expect(await connects({ ...own, ...(await strangers.issue("pump")) })).toBe(false);

  expect(await connects({ ...own, ...(await devices.issue("nobody")) })).toBe(false);
  expect(await connects({ ...own, clientId: "another" })).toBe(false);
});

test("the server's own certificate is none of a thing's", async () => {
  const { connection, tls } = await iotUnderTest({ things: ["localhost"] });
  const own = await connection("localhost");
  expect(await connects(own)).toBe(true);
  expect(await connects({ ...own, cert: tls.cert, key: tls.key })).toBe(false);
});

test("without the statement that lets it connect, or only one that is its own, nobody does", async () => {
  const [connect, ...rest] = DEVICE_POLICY;
  const { connection } = await iotUnderTest({ policy: rest });
  expect(await connects(await connection("pump"))).toBe(false);
  // The condition is what binds the name to the certificate.
  const { Condition: _, ...unconditional } = connect ?? expect.fail("no statement");
  const open = await iotUnderTest({ policy: [unconditional, ...rest] });
  expect(await connects({ ...(await open.connection("valve")), clientId: "pump" })).toBe(true);
});

test("a forbidden publish ends the connection, and reaches nobody", async () => {
  const { connect, published, observations, inside } = await iotUnderTest();
  for (const topic of [
    "$aws/things/valve/jobs/get",
    "telemetry",
    "$aws/things/pump/shadow/update",
    "$SYS/a",
  ]) {
    const { client, closed } = await connect("pump");
    client.publish(topic, "{}", { qos: 0 });
    await closed;
  }
  expect(published).toEqual([]);
  expect(observations.filter(({ kind }) => kind === "refused").length).toBe(4);
  expect(inside).toEqual([]);
});

test("without the statement for its jobs a thing cannot ask for them", async () => {
  const { connect } = await iotUnderTest({ policy: DEVICE_POLICY.slice(0, 1) });
  const { client, closed } = await connect("pump");
  client.publish("$aws/things/pump/jobs/$next/get", "");
  await closed;
});

test("a subscription to what is another's is refused, and the connection goes on", async () => {
  const { connect } = await iotUnderTest();
  const device = await connect("pump");
  const refused = ["$aws/things/valve/jobs/notify-next", "$aws/things/+/jobs/notify-next", "#", "$SYS/#"];
  for (const topic of refused) {
    await expect(device.client.subscribeAsync(topic)).rejects.toMatchObject({ packet: { granted: [128] } });
  }
  const granted = await device.client.subscribeAsync("$aws/things/pump/jobs/#", { qos: 1 });
  expect(granted).toMatchObject([{ qos: 1 }]);
  expect(await device.ask("$next/get")).toMatchObject({ accepted: true });
});

test("a message that a thing may not receive does not reach it, though it may subscribe", async () => {
  const topics = (...names: string[]) => names.map(topicArn);
  const { connect } = await iotUnderTest({
    policy: [
      ...DEVICE_POLICY,
      { Effect: "Allow", Action: ["iot:Subscribe", "iot:Publish"], Resource: "*" },
      { Effect: "Allow", Action: "iot:Receive", Resource: topics("open") },
    ],
  });
  const device = await connect("pump");
  await device.client.subscribeAsync(["open", "closed"], { qos: 1 });
  const sender = await connect("valve");
  await sender.client.publishAsync("closed", "1", { qos: 1 });
  await sender.client.publishAsync("open", "2", { qos: 1 });
  expect(await device.nextOn("open")).toBe(2);
  expect(device.received).toEqual([]);
});

test("QoS 2, a retained message without leave and what is too long end the connection", async () => {
  const policy = [...DEVICE_POLICY, { Effect: "Allow", Action: "iot:Publish", Resource: "*" }] as const;
  const { connect, observations } = await iotUnderTest({ policy });
  const tries: [string, Buffer, object][] = [
    ["a", Buffer.from("1"), { qos: 2 }],
    ["a", Buffer.from("1"), { retain: true }],
    ["a".repeat(257), Buffer.from("1"), {}],
    ["a/b/c/d/e/f/g/h/i", Buffer.from("1"), {}],
    ["a", Buffer.alloc(128 * 1024 + 1), {}],
  ];
  for (const [topic, payload, options] of tries) {
    const { client, closed } = await connect("pump");
    client.publish(topic, payload, options);
    await closed;
  }
  expect(observations.filter(({ kind }) => kind === "refused").length).toBe(tries.length);
});
