import type { Aedes, Client } from "aedes";

type Message = { stream: string; topic: string; payload: unknown };

/**
 * Sends what the service itself has to say. A client of aedes takes a message for a repetition if it comes after one of the same origin
 * with a higher number, so each stream is an origin of its own, and its messages leave one after the other.
 */
export type Outbox = {
  /** To those who subscribed. */
  publish(message: Message): void;
  /** To one client, whether it subscribed or not. */
  push(client: Client, message: Message & { qos: 0 | 1 }): void;
  /** When all of it has left. */
  settled(): Promise<void>;
};

export function createOutbox(broker: Aedes): Outbox {
  const lasts = new Map<string, Promise<void>>();
  let counter = 0;

  function send(message: Message, qos: 0 | 1, deliver: (packet: OwnPacket, done: () => void) => void): void {
    const packet: OwnPacket = {
      cmd: "publish",
      topic: message.topic,
      payload: Buffer.from(JSON.stringify(message.payload)),
      ...{ qos, retain: false, dup: false },
      brokerId: `jobs/${message.stream}`,
      brokerCounter: ++counter,
    };
    const before = lasts.get(message.stream) ?? Promise.resolve();
    const after = before.then(() => new Promise<void>((resolve) => deliver(packet, resolve)));
    lasts.set(message.stream, after);
    void after.then(() => {
      if (lasts.get(message.stream) === after) lasts.delete(message.stream);
    });
  }

  return {
    publish: (message) => send(message, 1, (packet, done) => broker.publish(packet, done)),
    push: (client, message) =>
      send(message, message.qos, (packet, done) => (client.closed ? done() : client.publish(packet, done))),
    async settled() {
      await Promise.all(lasts.values());
    },
  };
}

type OwnPacket = Parameters<Client["publish"]>[0] & { brokerId: string; brokerCounter: number };
