import type { EventEmitter } from "node:events";
import { Aedes, type Client, type PublishPacket } from "aedes";
import type { MayDevice } from "../policy/device-policy.ts";
import type { Registry } from "../registry/registry.ts";
import { identify } from "./identify.ts";
import { type JobTopic, parseJobTopic } from "./job-topic.ts";
import { reasonAgainstClientId, reasonAgainstFilter, reasonAgainstPublish } from "./limits.ts";

/** A message that the broker took in, from a client or from the service itself. */
export type Published = { topic: string; payload: Buffer; clientId: string | undefined };

/** What the broker tells of; none of it holds a payload. */
export type BrokerObservation =
  | { kind: "connected" | "disconnected"; clientId: string }
  | { kind: "refused"; clientId: string; reason: string };

export type BrokerOptions = {
  registry: Registry;
  policy: (identity: { clientId: string; thing: string | undefined; attached: boolean }) => MayDevice;
  /** A command of Jobs, allowed and acknowledged. */
  onJobRequest: (
    client: Client,
    topic: JobTopic,
    packet: { topic: string; payload: Buffer; qos: 0 | 1 },
  ) => void;
  onPublished: (message: Published) => void;
  /** Gets the faults inside. */
  onFault?: ((error: unknown) => void) | undefined;
  observe?: ((observation: BrokerObservation) => void) | undefined;
};

/**
 * Where a request to Jobs goes inside the broker, since it is for the service alone: a filter such as `$next/get/#` would have it come
 * back to who sent it. Nobody may subscribe there.
 */
const REQUEST_TOPIC = "$SYS/jobs-request";

/** Reserved topics by which a device sends to one rule alone. */
const BASIC_INGEST_TOPIC = /^\$aws\/rules\/[a-zA-Z0-9_]+\/./;

/**
 * The message broker: MQTT 3.1.1, QoS 0 and 1. Whoever does what its policy does not allow is disconnected, except that a subscription is
 * refused by its SUBACK.
 */
export async function createMessageBroker(options: BrokerOptions): Promise<Aedes> {
  const permissions = new WeakMap<Client, MayDevice>();
  const requests = new WeakMap<object, { jobTopic: JobTopic; topic: string }>();
  const may = (client: Client): MayDevice => permissions.get(client) ?? (() => false);
  const refuse = (client: Client, reason: string) => {
    options.observe?.({ kind: "refused", clientId: client.id ?? "", reason });
    return new Error(reason);
  };

  let opened: Aedes | undefined; // which says something of itself before it is
  const broker = await Aedes.createBroker({
    maxClientsIdLength: 128,
    authenticate(client, _username, _password, done) {
      if (opened?.closed) return void client.conn.destroy(); // connections outlast it for a moment, its database does not
      const identity = identify(client.conn, client.id, options.registry);
      const allowed = identity === undefined ? undefined : options.policy(identity);
      const reason =
        reasonAgainstClientId(client.id) ??
        (allowed === undefined
          ? "the certificate belongs to no thing"
          : allowed("Connect", client.id)
            ? undefined
            : "no policy allows iot:Connect");
      if (reason !== undefined || allowed === undefined) {
        // 5 is "not authorized"; aedes has the codes only as a type.
        done(Object.assign(refuse(client, reason ?? ""), { returnCode: 5 }), false);
        return;
      }
      permissions.set(client, allowed);
      done(null, true);
    },
    authorizePublish(client, packet, done) {
      if (client === null) return done(new Error("a will of a client that has gone"));
      const reason = againstPublish(client, packet);
      if (reason !== undefined) return done(refuse(client, reason));
      const jobTopic = parseJobTopic(packet.topic);
      if (jobTopic !== undefined) {
        requests.set(packet, { jobTopic, topic: packet.topic });
        packet.topic = REQUEST_TOPIC;
      }
      done(null);
    },
    authorizeSubscribe(client, subscription, done) {
      const reason = reasonAgainstFilter(subscription);
      if (reason !== undefined) return done(refuse(client, reason));
      const hidden = subscription.topic.startsWith("$SYS");
      const allowed = !hidden && may(client)("Subscribe", subscription.topic);
      if (!allowed) refuse(client, `no policy allows iot:Subscribe on ${subscription.topic}`);
      done(null, allowed ? subscription : null);
    },
    authorizeForward(client, packet) {
      return may(client)("Receive", packet.topic) ? packet : null;
    },
    published(packet, client, done) {
      if (opened?.closed) return; // unacknowledged, so that it comes again
      const payload = Buffer.from(packet.payload);
      const request = requests.get(packet);
      if (request !== undefined) {
        const { topic, jobTopic } = request;
        options.onJobRequest(client, jobTopic, { topic, payload, qos: packet.qos === 0 ? 0 : 1 });
      } else if (!packet.topic.startsWith("$SYS/")) {
        options.onPublished({ topic: packet.topic, payload, clientId: client?.id });
      }
      done();
    },
  });

  function againstPublish(client: Client, packet: PublishPacket): string | undefined {
    const { topic } = packet;
    const limit = reasonAgainstPublish(packet);
    if (limit !== undefined) return limit;
    const reserved = topic.startsWith("$") && !BASIC_INGEST_TOPIC.test(topic);
    if (reserved && parseJobTopic(topic) === undefined) return `${topic} is reserved`;
    if (!may(client)("Publish", topic)) return `no policy allows iot:Publish on ${topic}`;
    if (packet.retain && !may(client)("RetainPublish", topic))
      return `no policy allows iot:RetainPublish on ${topic}`;
    return undefined;
  }

  opened = broker;
  const emitter: EventEmitter = broker; // whose types leave this event out, which ends the process if nobody listens
  emitter.on("error", (error) => options.onFault?.(error));
  broker.on("clientReady", ({ id }) => options.observe?.({ kind: "connected", clientId: id }));
  broker.on("clientDisconnect", ({ id }) => options.observe?.({ kind: "disconnected", clientId: id }));
  return broker;
}
