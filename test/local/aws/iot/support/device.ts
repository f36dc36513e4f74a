import { connect, type IClientOptions, type MqttClient } from "mqtt";

/** A device's MQTT.js client, with what it received. */
export type Device = {
  client: MqttClient;
  /** When its connection has ended. */
  closed: Promise<undefined>;
  /** Whether the broker knew a session of it. */
  sessionPresent: boolean;
  received: { topic: string; payload: unknown }[];
  /** Publishes to `$aws/things/<thing>/jobs/<name>`, by default JSON, and waits for the answer there. */
  ask(name: string, request?: unknown): Promise<{ accepted: boolean; payload: Record<string, unknown> }>;
  /** The next message on a topic of its jobs that was not taken yet. */
  next(name: string): Promise<Record<string, unknown>>;
  nextOn(topic: string): Promise<unknown>;
};

/** Connects; what came before the client was told that it is connected is among what it received. */
export async function connectDevice(options: IClientOptions, thing: string): Promise<Device> {
  // Else each request waits for the acknowledgement of what was acknowledged before, 40 ms.
  const client = connect({ ...options, ...{ noDelay: true } });
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
  const connack = await new Promise<{ sessionPresent: boolean }>((resolve, reject) => {
    client.once("connect", resolve);
    client.once("error", reject);
    client.once("close", () => reject(new Error("the connection ended before it was one")));
  });
  const closed = new Promise<undefined>((resolve) => client.once("close", () => resolve(undefined)));
  const topicOf = (name: string) => `$aws/things/${thing}/jobs/${name}`;
  return {
    ...{ client, received, closed, sessionPresent: connack.sessionPresent },
    async ask(name, request = {}) {
      const topic = topicOf(name);
      const body =
        Buffer.isBuffer(request) || typeof request === "string" ? request : JSON.stringify(request);
      await client.publishAsync(topic, body, { qos: 1 });
      const answer = await takeFirst([`${topic}/accepted`, `${topic}/rejected`]);
      return { accepted: answer.topic.endsWith("/accepted"), payload: answer.payload };
    },
    nextOn: async (topic) => (await takeFirst([topic])).payload,
    next: async (name) => (await takeFirst([topicOf(name)])).payload,
  };
}
