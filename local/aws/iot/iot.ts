import type { RequestListener } from "node:http";
import type { Port } from "../../host/loopback/listen-on-loopback.ts";
import type { AnsweredRequest } from "../aws-json/operation.ts";
import type { Authorize } from "../iam/authorize.ts";
import type { PolicyStatement } from "../iam/policy-statement.ts";
import type { FindCredential } from "../sigv4/credential.ts";
import { createAlarm } from "./alarm.ts";
import type { IotAccount } from "./arns.ts";
import { answerJobRequest } from "./broker/answer-job-request.ts";
import { type BrokerObservation, createMessageBroker, type Published } from "./broker/broker.ts";
import { startMqttServer } from "./broker/mqtt-server.ts";
import { createOutbox } from "./broker/outbox.ts";
import { openDatabase } from "./database.ts";
import { createFaults, type IotFaults } from "./faults.ts";
import { createRestListener } from "./http/rest-listener.ts";
import { createJobEngine } from "./jobs/engine.ts";
import { createDevicePolicy } from "./policy/device-policy.ts";
import { openRegistry } from "./registry/registry.ts";
import { openSettings } from "./settings.ts";

export type IotOptions = {
  /** A path, or `:memory:`. */
  file: string;
  account: IotAccount;
  /** Of the server. */
  tls: { key: string; cert: string };
  /** PEM of the CA of the devices' certificates; the common name is the thing's. */
  clientCa: string;
  port: Port;
  /** Statements of every policy that is attached to the certificates: all of them to all. */
  policy: readonly PolicyStatement[];
  /** Things to be there; others may be made by CreateThing. */
  things: readonly string[];
  /** Puts the events of job executions on, as `aws iot update-event-configurations` does. */
  jobExecutionEvents?: boolean;
  /** Gets every message that the broker takes in. */
  onPublished?: (message: Published) => void;
  observe?: (observation: BrokerObservation) => void;
  /** Gets the faults inside, of which nobody outside is told anything. */
  onFault?: (error: unknown) => void;
  /** Epoch milliseconds. */
  clock?: () => number;
};

/** AWS IoT Core on this machine: broker, registry and jobs. */
export type Iot = {
  /** Of MQTT over TLS. */
  readonly port: number;
  /** Answers the control plane and the data plane of Jobs, served by the caller at `endpoint`, a host and port. */
  api(options: {
    findCredential: FindCredential;
    authorize: Authorize;
    endpoint: string;
    /** Gets every request that was authenticated and allowed. */
    observe?: ((answered: AnsweredRequest) => void) | undefined;
  }): RequestListener;
  readonly faults: IotFaults;
  /** Does what is due by the clock, without waiting for it. */
  runDue(): void;
  /** When all that it has to tell has left. */
  settled(): Promise<void>;
  /** Ends every MQTT connection without a word, as a network does. */
  cut(): void;
  close(): Promise<void>;
};

/** @throws {PolicyError} for a policy that cannot be evaluated here. */
export async function startIot(options: IotOptions): Promise<Iot> {
  const { account, clock = Date.now, onFault } = options;
  await using started = new AsyncDisposableStack();
  const policy = createDevicePolicy(options.policy, account);
  const db = openDatabase(options.file);
  started.defer(() => db.close());
  const known = openRegistry(db);
  for (const thing of options.things) known.addThing(thing);
  const settings = openSettings(db);
  if (options.jobExecutionEvents === true) settings.setJobExecutionEvents(true);
  const engine = createJobEngine({
    db,
    registry: known,
    account,
    clock,
    eventsEnabled: settings.jobExecutionEvents,
  });
  const faults = createFaults();

  const broker = await createMessageBroker({
    registry: known,
    policy,
    onJobRequest(client, topic, { topic: asked, payload, qos }) {
      const answer = answerJobRequest(engine, topic, payload, { clock, faults, onFault });
      if (answer !== undefined) {
        const reply = `${asked}/${answer.accepted ? "accepted" : "rejected"}`;
        outbox.push(client, { stream: topic.thing, topic: reply, payload: answer.payload, qos });
      }
      flush();
    },
    onPublished: (message) => options.onPublished?.(message),
    onFault,
    observe: options.observe,
  });
  const outbox = createOutbox(broker);
  const alarm = createAlarm({ nextDue: engine.nextDue, clock, ring: runDue });

  /** Tells what was done to jobs, after the reply to whoever did it. */
  function flush(): void {
    for (const message of engine.takeMessages()) outbox.publish(message);
    alarm.set();
  }
  function runDue(): void {
    engine.runDue();
    flush();
  }

  const server = await startMqttServer(broker, options);
  started.defer(() => server.close());
  started.defer(() => alarm.stop());
  runDue(); // what fell due while it was not running
  const running = started.move();
  return {
    port: server.port,
    faults,
    api: ({ endpoint, ...access }) =>
      createRestListener({
        services: {
          ...{ account, registry: known, engine, settings },
          endpoints: { data: `localhost:${server.port}`, api: endpoint },
        },
        region: account.region,
        ...access,
        ...{ faults, onFault, afterwards: flush },
      }),
    runDue,
    settled: () => outbox.settled(),
    cut: () => server.cut(),
    close: () => running.disposeAsync(),
  };
}
