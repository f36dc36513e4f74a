import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { onTestFinished } from "vitest";
import type { PolicyStatement } from "../../../../../local/aws/iam/policy-statement.ts";
import type { BrokerObservation } from "../../../../../local/aws/iot/broker/broker.ts";
import { type Iot, type IotOptions, startIot } from "../../../../../local/aws/iot/iot.ts";
import { type ClientCa, loadClientCa } from "../../../../../local/host/tls/client-ca.ts";
import { type LocalTls, loadLocalTls } from "../../../../../local/host/tls/local-ca.ts";

export const ACCOUNT = { region: "us-east-1", accountId: "000000000000" };

const iot = (kind: string, name: string) => `arn:aws:iot:us-east-1:000000000000:${kind}/${name}`;
const THING = `\${iot:Connection.Thing.ThingName}`;
const OWN_JOBS = `$aws/things/${THING}/jobs/*`;

/** What a device of ours may do: be itself, and its own jobs. */
export const DEVICE_POLICY: PolicyStatement[] = [
  {
    Effect: "Allow",
    Action: "iot:Connect",
    Resource: iot("client", THING),
    Condition: { Bool: { "iot:Connection.Thing.IsAttached": ["true"] } },
  },
  { Effect: "Allow", Action: ["iot:Publish", "iot:Receive"], Resource: iot("topic", OWN_JOBS) },
  { Effect: "Allow", Action: "iot:Subscribe", Resource: iot("topicfilter", OWN_JOBS) },
];

/** The CAs are the same for all tests of a file: making one takes longer than most tests. */
let authorities: Promise<{ tls: LocalTls; devices: ClientCa }> | undefined;

async function loadAuthorities() {
  const dir = await mkdtemp(path.join(tmpdir(), "noteferry-iot-ca-"));
  const [tls, devices] = await Promise.all([loadLocalTls(dir), loadClientCa(path.join(dir, "devices"))]);
  await rm(dir, { recursive: true });
  return { tls, devices };
}

/** A device's MQTT.js client, with what it received. */
export type Device = {
  client: MqttClient;
  received: { topic: string; payload: unknown }[];
  /** Publishes to `$aws/things/<thing>/jobs/<name>`, by default JSON, and waits for the answer there. */
  ask(name: string, request?: unknown): Promise<{ accepted: boolean; payload: Record<string, unknown> }>;
  /** The next message on a topic of its jobs that was not taken yet. */
  next(name: string): Promise<Record<string, unknown>>;
};

export type IotUnderTest = Iot & {
  tls: LocalTls;
  devices: ClientCa;
  faults: unknown[];
  observations: BrokerObservation[];
  now: { ms: number };
  /** Options of a connection with the certificate of `thing`; its client id too. */
  connection(thing: string, more?: IClientOptions): Promise<IClientOptions>;
  connect(thing: string, more?: IClientOptions): Promise<Device>;
};

/** A service on a free port with a clock of its own, closed when the test has finished. */
export async function iotUnderTest(options: Partial<IotOptions> = {}): Promise<IotUnderTest> {
  authorities ??= loadAuthorities();
  const { tls, devices } = await authorities;
  const faults: unknown[] = [];
  const observations: BrokerObservation[] = [];
  const now = { ms: Date.UTC(2026, 0, 1) };
  const service = await startIot({
    file: ":memory:",
    account: ACCOUNT,
    ...{ tls, clientCa: devices.certificate, port: 0 },
    policy: DEVICE_POLICY,
    things: ["pump", "valve"],
    onFault: (error) => faults.push(error),
    observe: (observation) => observations.push(observation),
    clock: () => now.ms,
    ...options,
  });
  onTestFinished(() => service.close());

  async function connection(thing: string, more: IClientOptions = {}): Promise<IClientOptions> {
    const { cert, key } = await devices.issue(thing);
    return {
      ...{ protocol: "mqtts", host: "localhost", port: service.port },
      ...{ ca: tls.ca, cert, key, clientId: thing, reconnectPeriod: 0 },
      ...more,
    };
  }
  return {
    ...service,
    ...{ tls, devices, faults, observations, now, connection },
    async connect(thing, more) {
      const client = await connectAsync(await connection(thing, more));
      onTestFinished(() => client.endAsync(true));
      return asDevice(client, thing);
    },
  };
}

function asDevice(client: MqttClient, thing: string): Device {
  const received: Device["received"] = [];
  const waiting = new Set<() => void>();
  client.on("message", (topic, bytes) => {
    received.push({ topic, payload: JSON.parse(bytes.toString()) });
    for (const look of [...waiting]) look();
  });
  const takeFirst = (topics: string[]) =>
    new Promise<{ topic: string; payload: Record<string, unknown> }>((resolve) => {
      const look = () => {
        const at = received.findIndex(({ topic }) => topics.includes(topic));
        const [found] = at < 0 ? [] : received.splice(at, 1);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found as { topic: string; payload: Record<string, unknown> });
      };
      waiting.add(look);
      look();
    });
  const topicOf = (name: string) => `$aws/things/${thing}/jobs/${name}`;
  return {
    client,
    received,
    async ask(name, request = {}) {
      const topic = topicOf(name);
      const body =
        Buffer.isBuffer(request) || typeof request === "string" ? request : JSON.stringify(request);
      await client.publishAsync(topic, body, { qos: 1 });
      const answer = await takeFirst([`${topic}/accepted`, `${topic}/rejected`]);
      return { accepted: answer.topic.endsWith("/accepted"), payload: answer.payload };
    },
    next: async (name) => (await takeFirst([topicOf(name)])).payload,
  };
}
