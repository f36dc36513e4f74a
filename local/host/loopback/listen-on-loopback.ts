import { once } from "node:events";
import type { Server } from "node:net";
import { portHolder } from "./port-holder.ts";
import { PortTaken } from "./port-taken.ts";

/** The port to listen on; 0: any that is free. A preferred port gives way to any other if it is taken. */
export type Port = number | { preferred: number };

/**
 * Listens on 127.0.0.1. From then on the port is the server's: one that was merely found free could be taken by the
 * time that it is needed.
 *
 * @returns the port.
 * @throws {PortTaken} for a port that was asked for.
 */
export async function listenOnLoopback(server: Server, port: Port): Promise<number> {
  if (typeof port === "number")
    await listen(server, port).catch(async (error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
      throw new PortTaken(port, await portHolder(port), error);
    });
  else await listen(server, port.preferred).catch(() => listen(server, 0));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  return address.port;
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
}
