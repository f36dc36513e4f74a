import { once } from "node:events";
import type { Server } from "node:net";

/** Where to listen: on this port alone (0: any that is free), or on this one unless it is taken. */
export type Port = number | { preferred: number };

/**
 * Listens on 127.0.0.1. The port is the server's from then on: one that was only found to be free could be somebody
 * else's by the time that it is needed.
 *
 * @returns the port.
 */
export async function listenOnLoopback(server: Server, port: Port): Promise<number> {
  if (typeof port === "number") await listen(server, port);
  else await listen(server, port.preferred).catch(() => listen(server, 0));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  return address.port;
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
}
