import { connect as connectTcp, createServer, type Server } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { cutConnections } from "../../local/host/loopback/cut-connections.ts";
import { listenOnLoopback } from "../../local/host/loopback/listen-on-loopback.ts";
import type { LocalTls } from "../../local/host/tls/local-ca.ts";
import { createPacketReader, type Packet, type Sender } from "./mqtt-metering.ts";

export type Relay = {
  readonly port: number;
  /** Ends its connections. */
  cut(): void;
  close(): Promise<void>;
};

/** Passes bytes on to a port, which may be known later, and counts what TCP carries both ways. */
export async function startByteRelay(target: () => number): Promise<Relay & { bytes(): number }> {
  let bytes = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    const onward = connectTcp({ host: "127.0.0.1", port: target(), noDelay: true });
    const count = (chunk: Buffer) => {
      bytes += chunk.length;
    };
    for (const each of [socket, onward]) each.on("data", count);
    join(socket, onward);
  });
  return { ...(await listening(server)), bytes: () => bytes };
}

/**
 * Stands before a broker with the server's certificate, and there with that of the thing that connects, so that it sees each packet.
 *
 * @param clientCa PEM of the CA of the things' certificates
 * @param identityOf a thing's certificate and key, PEM
 */
export async function startMqttRelay(options: {
  tls: LocalTls;
  clientCa: string;
  identityOf: (thing: string) => { cert: string; key: string } | undefined;
  port: number;
  onPacket: (from: Sender, packet: Packet) => void;
}): Promise<Relay> {
  const { tls, clientCa, identityOf, port, onPacket } = options;
  const asked = { ...{ cert: tls.cert, key: tls.key }, ca: clientCa, requestCert: true, noDelay: true };
  const server = createTlsServer(asked, (device) => {
    const broker = connectTls({
      ...{ host: "localhost", port, ca: tls.ca },
      ...identityOf(device.getPeerCertificate().subject.CN?.toString() ?? ""),
    });
    broker.setNoDelay(true);
    device.on(
      "data",
      createPacketReader((packet) => onPacket("device", packet)),
    );
    broker.on(
      "data",
      createPacketReader((packet) => onPacket("service", packet)),
    );
    join(device, broker);
  });
  return await listening(server);
}

/** What ends one ends the other. */
function join(one: Duplex, other: Duplex): void {
  one.pipe(other).pipe(one);
  for (const [each, partner] of [
    [one, other],
    [other, one],
  ] as const) {
    each.on("error", () => partner.destroy());
    each.on("close", () => partner.destroy());
  }
}

async function listening(server: Server): Promise<Relay> {
  const cut = cutConnections(server);
  const port = await listenOnLoopback(server, 0);
  return {
    ...{ port, cut },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      cut();
      await closed;
    },
  };
}
