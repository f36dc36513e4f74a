import { createServer } from "node:tls";
import type { Aedes } from "aedes";
import { cutConnections } from "../../../host/loopback/cut-connections.ts";
import { listenOnLoopback, type Port } from "../../../host/loopback/listen-on-loopback.ts";

/** What a client asks for on a port that is not MQTT's own, and what some send all the same. */
const ALPN = ["x-amzn-mqtt-ca", "mqtt"];

export type MqttServer = {
  readonly port: number;
  /** Ends every connection without a word, as a network does. */
  cut(): void;
  close(): Promise<void>;
};

/** MQTT over TLS, for clients with a certificate of `clientCa` (PEM) that is valid now. */
export async function startMqttServer(
  broker: Aedes,
  options: { tls: { key: string; cert: string }; clientCa: string; port: Port },
): Promise<MqttServer> {
  const server = createServer(
    {
      key: options.tls.key,
      cert: options.tls.cert,
      ca: options.clientCa,
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: ALPN,
      noDelay: true, // else a reply waits for the acknowledgement of the one before, 40 ms
    },
    (socket) => broker.handle(socket),
  );
  const cut = cutConnections(server);
  const closeBroker = () => new Promise<void>((resolve) => broker.close(resolve));
  const port = await listenOnLoopback(server, options.port).catch(async (error: unknown) => {
    await closeBroker(); // its timers would keep the process
    throw error;
  });
  return {
    port,
    cut,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await closeBroker();
      cut();
      await closed;
    },
  };
}
