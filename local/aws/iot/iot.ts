import type { Port } from "../../host/loopback/listen-on-loopback.ts";
import type { PolicyStatement } from "../iam/policy-statement.ts";
import { createAlarm } from "./alarm.ts";
import type { IotAccount } from "./arns.ts";
import { answerJobRequest } from "./broker/answer-job-request.ts";
import { type BrokerObservation, createMessageBroker, type Published } from "./broker/broker.ts";
import { startMqttServer } from "./broker/mqtt-server.ts";
import { createOutbox } from "./broker/outbox.ts";
import { openDatabase } from "./database.ts";
import { createJobEngine, type JobEngine } from "./jobs/engine.ts";
import { createDevicePolicy } from "./policy/device-policy.ts";
import { openRegistry, type Registry } from "./registry/registry.ts";

export type IotOptions = {
  /** A path, or `:memory:`. */
  file: string;
  account: IotAccount;
  /** Of the server. */
  tls: { key: string; cert: string };
  /** PEM of the CA of the devices' certificates; the common name is the thing's. */
  clientCa: string;
  port: Port;
  /** Of every policy that is attached to the certificates: all of them to all. */
  policy: readonly PolicyStatement[];
  /** Things to be there; others may be made by CreateThing. */
  things: readonly string[];
  /** Gets every message that the broker takes in, after those who subscribed. */
  onPublished?: (message: Published) => void;
  observe?: (observation: BrokerObservation) => void;
  /** Gets the faults inside, of which nobody outside is told anything. */
  onFault?: (error: unknown) => void;
  /** Epoch milliseconds. */
  clock?: () => number;
};

/** AWS IoT Core on this machine: broker, registry and jobs. */
export type Iot = {
  readonly port: number;
  readonly registry: Registry;
  readonly engine: JobEngine;
  /** Tells what was done to jobs by `engine`, and looks again at what is due. */
  flush(): void;
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
  const { account, clock = Date.now } = options;
  await using started = new AsyncDisposableStack();
  const policy = createDevicePolicy(options.policy, account);
  const db = openDatabase(options.file);
  started.defer(() => db.close());
  const registry = openRegistry(db);
  for (const thing of options.things) registry.addThing(thing);
  const engine = createJobEngine({ db, registry, account, clock, eventsEnabled: () => true });

  const broker = await createMessageBroker({
    registry,
    policy,
    onJobRequest(client, topic, packet) {
      try {
        const { accepted, payload } = answerJobRequest(engine, topic, packet.payload, clock);
        const reply = `${packet.topic}/${accepted ? "accepted" : "rejected"}`;
        outbox.push(client, { stream: topic.thing, topic: reply, payload, qos: packet.qos });
        flush();
      } catch (error) {
        options.onFault?.(error);
      }
    },
    onPublished: (message) => options.onPublished?.(message),
    observe: options.observe,
  });
  const outbox = createOutbox(broker);
  const alarm = createAlarm({ nextDue: engine.nextDue, clock, ring: runDue });
  started.defer(() => alarm.stop());

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
  runDue(); // what fell due while it was not running
  const running = started.move();
  return {
    port: server.port,
    ...{ registry, engine, flush, runDue },
    settled: () => outbox.settled(),
    cut: () => server.cut(),
    close: () => running.disposeAsync(),
  };
}
