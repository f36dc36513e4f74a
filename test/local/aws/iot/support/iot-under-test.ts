import { mkdtemp, rm } from "node:fs/promises";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { IoTClient, type IoTClientConfig } from "@aws-sdk/client-iot";
import { IoTJobsDataPlaneClient } from "@aws-sdk/client-iot-jobs-data-plane";
import type { IClientOptions } from "mqtt";
import { onTestFinished } from "vitest";
import type { AnsweredRequest } from "../../../../../local/aws/aws-json/operation.ts";
import type { Authorize } from "../../../../../local/aws/iam/authorize.ts";
import type { BrokerObservation, Published } from "../../../../../local/aws/iot/broker/broker.ts";
import { type Iot, type IotOptions, startIot } from "../../../../../local/aws/iot/iot.ts";
import type { Credential } from "../../../../../local/aws/sigv4/credential.ts";
import { startLoopbackServer } from "../../../../../local/host/loopback/loopback-server.ts";
import { type ClientCa, loadClientCa } from "../../../../../local/host/tls/client-ca.ts";
import { type LocalTls, loadLocalTls } from "../../../../../local/host/tls/local-ca.ts";
import { connectDevice, type Device } from "./device.ts";
import { ACCOUNT, DEVICE_POLICY } from "./device-policy.ts";

const CREDENTIAL: Credential = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "secret/example",
  sessionToken: "session-token",
  principal: "arn:aws:iam::000000000000:role/example",
};

/** The CAs and certificates are the same for all tests of a file: making one takes longer than most tests. */
let authorities: Promise<{ tls: LocalTls; devices: ClientCa }> | undefined;
const certificates = new Map<string, ReturnType<ClientCa["issue"]>>();

async function loadAuthorities() {
  const dir = await mkdtemp(path.join(tmpdir(), "noteferry-iot-ca-"));
  const [tls, devices] = await Promise.all([loadLocalTls(dir), loadClientCa(path.join(dir, "devices"))]);
  await rm(dir, { recursive: true });
  return { tls, devices };
}

export type IotUnderTest = {
  iot: Iot;
  tls: LocalTls;
  devices: ClientCa;
  /** Faults inside: none, unless a test is about one. */
  inside: unknown[];
  observations: BrokerObservation[];
  published: Published[];
  /** Requests to the HTTPS services that were let in. */
  answered: AnsweredRequest[];
  /** The clock: it stands still. */
  now: { ms: number };
  /** Options of a connection with the certificate of `thing`; its client id too. */
  connection(thing: string, more?: IClientOptions): Promise<IClientOptions>;
  connect(thing: string, more?: IClientOptions): Promise<Device>;
  /** The SDK's clients of the control plane and of the data plane, and what makes another. */
  clients(
    authorize?: Authorize,
  ): Promise<{ control: IoTClient; data: IoTJobsDataPlaneClient; config: IoTClientConfig }>;
};

/** A service on a free port with a clock of its own, closed when the test has finished. */
export async function iotUnderTest(options: Partial<IotOptions> = {}): Promise<IotUnderTest> {
  authorities ??= loadAuthorities();
  const { tls, devices } = await authorities;
  const inside: unknown[] = [];
  const observations: BrokerObservation[] = [];
  const published: Published[] = [];
  const answered: AnsweredRequest[] = [];
  const now = { ms: Date.UTC(2026, 0, 1) };
  const iot = await startIot({
    file: ":memory:",
    account: ACCOUNT,
    ...{ tls, clientCa: devices.certificate, port: 0 },
    policy: DEVICE_POLICY,
    things: ["pump", "valve"],
    onFault: (error) => inside.push(error),
    observe: (observation) => observations.push(observation),
    onPublished: (message) => published.push(message),
    clock: () => now.ms,
    ...options,
  });
  onTestFinished(() => iot.close());

  async function connection(thing: string, more: IClientOptions = {}): Promise<IClientOptions> {
    const issued = certificates.get(thing) ?? devices.issue(thing);
    certificates.set(thing, issued);
    const { cert, key } = await issued;
    return {
      ...{ protocol: "mqtts", host: "localhost", port: iot.port },
      ...{ ca: tls.ca, cert, key, clientId: thing, reconnectPeriod: 0 },
      ...more,
    };
  }

  async function clients(authorize: Authorize = () => true) {
    const server = await startLoopbackServer({ tls });
    const httpsAgent = new Agent({ ca: tls.ca, keepAlive: true });
    onTestFinished(async () => {
      httpsAgent.destroy();
      await server.close();
    });
    const findCredential = (id: string) => (id === CREDENTIAL.accessKeyId ? CREDENTIAL : undefined);
    const observe = (request: AnsweredRequest) => answered.push(request);
    server.serve(iot.api({ findCredential, authorize, endpoint: `localhost:${server.port}`, observe }));
    const config = {
      ...{ endpoint: server.url, region: ACCOUNT.region, credentials: CREDENTIAL, maxAttempts: 1 },
      requestHandler: { httpsAgent },
    };
    return { control: new IoTClient(config), data: new IoTJobsDataPlaneClient(config), config };
  }

  return {
    ...{ iot, tls, devices, inside, observations, published, answered, now, connection, clients },
    async connect(thing, more) {
      const device = await connectDevice(await connection(thing, more), thing);
      onTestFinished(() => device.client.endAsync(true));
      return device;
    },
  };
}
