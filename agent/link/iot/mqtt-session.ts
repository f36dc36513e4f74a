import type { TLSSocket } from "node:tls";
import { LinkDown } from "../link.ts";
import { troubleOf } from "./network-failure.ts";
import type { Wire } from "./wire.ts";

/** Seconds: the longest that AWS IoT keeps. A ping of 175 bytes with all around it, 13 KB a day. */
const KEEP_ALIVE_S = 1200;

/** Milliseconds that the broker may take to acknowledge. What takes longer has been lost on a connection that is none any more. */
const ACKNOWLEDGED_MS = 30_000;

/** What a broker says in place of a connection. MQTT 3.1.1 §3.2.2.3 */
const REFUSALS: Readonly<Record<number, string>> = {
  1: "it does not speak MQTT 3.1.1",
  2: "it does not take the thing's name as a client id",
  3: "it is not available",
  4: "it does not know the certificate",
  5: "it does not allow it: does the policy allow iot:Connect to this thing, and is the certificate attached to it?",
};

/** One connection to a broker, with a session that the broker keeps. Each call rejects with {LinkDown} once it has ended. */
export type MqttSession = {
  /** Acknowledged when it resolves: QoS 1. */
  publish(topic: string, payload: string): Promise<void>;
  /** @throws {LinkDown} also if the broker does not allow it */
  subscribe(filter: string): Promise<void>;
  /** Why it has ended; undefined while it has not. */
  ended(): LinkDown | undefined;
  /** Called once when it has ended. @returns what takes that back */
  onEnd(tell: (reason: LinkDown) => void): () => void;
  close(): void;
};

export type SessionOptions = {
  socket: TLSSocket;
  host: string;
  clientId: string;
  hear: (topic: string, payload: Buffer) => void;
};

/** Begins a session on a connection. @throws {LinkDown}; the signal's reason. */
export async function openSession(
  { MqttClient }: Pick<Wire, "MqttClient">,
  { socket, host, clientId, hear }: SessionOptions,
  signal: AbortSignal,
): Promise<MqttSession> {
  const end = Promise.withResolvers<never>();
  end.promise.catch(() => undefined);
  let reason: LinkDown | undefined;
  const tells = new Set<(reason: LinkDown) => void>();
  const finish = (why: LinkDown) => {
    if (reason !== undefined) return;
    reason = why;
    end.reject(why);
    client.end(true);
    socket.destroy();
    for (const tell of tells) tell(why);
  };
  const client = new MqttClient(() => socket, {
    ...{ clientId, protocolVersion: 4, clean: false, keepalive: KEEP_ALIVE_S },
    // Links are opened by the agent, one after the other; what was not acknowledged is sent again by who sent it.
    ...{ reconnectPeriod: 0, resubscribe: false, connectTimeout: ACKNOWLEDGED_MS },
  });
  const connected = new Promise<void>((resolve) => client.once("connect", () => resolve()));
  client.on("message", hear);
  client.on("error", (error) => finish(downBy(error, host)));
  client.on("close", () => finish(downBy(undefined, host)));
  const stop = () => finish(new LinkDown("the link was closed"));
  signal.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    await Promise.race([connected, end.promise]);
  } catch (error) {
    stop();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }

  /** What is not acknowledged in time never will be. */
  async function acknowledged<Result>(task: Promise<Result>): Promise<Result> {
    const tooLong = setTimeout(
      () => finish(new LinkDown(`${host} acknowledges nothing any more`)),
      ACKNOWLEDGED_MS,
    );
    task.catch(() => undefined);
    try {
      return await Promise.race([task, end.promise]);
    } catch (error) {
      throw error instanceof LinkDown ? error : (reason ?? downBy(error, host));
    } finally {
      clearTimeout(tooLong);
    }
  }

  return {
    async publish(topic, payload) {
      if (reason !== undefined) throw reason;
      await acknowledged(client.publishAsync(topic, payload, { qos: 1 }));
    },
    async subscribe(filter) {
      if (reason !== undefined) throw reason;
      const granted = await acknowledged(client.subscribeAsync(filter, { qos: 1 }).catch(refusedIsGranted));
      if (granted.some(({ qos }) => qos > 2))
        throw new LinkDown(`the policy does not allow iot:Subscribe to ${filter}`);
    },
    ended: () => reason,
    onEnd(tell) {
      if (reason !== undefined) tell(reason);
      else tells.add(tell);
      return () => void tells.delete(tell);
    },
    close: () => finish(new LinkDown("the link was closed")),
  };
}

/** MQTT.js makes an error of what the broker does not grant. */
function refusedIsGranted(error: unknown): { qos: number }[] {
  if (/subscribe error/i.test(String(Object(error).message))) return [{ qos: 128 }];
  throw error;
}

function downBy(error: unknown, host: string): LinkDown {
  const refusal = REFUSALS[Number(Object(error).code)];
  if (refusal !== undefined)
    return new LinkDown(`${host} refuses the connection: ${refusal}`, { cause: error });
  if (/connack timeout/i.test(String(Object(error).message)))
    return new LinkDown(`${host} does not answer as a broker`, { cause: error });
  return new LinkDown(troubleOf(error, host).sentence, { cause: error });
}
