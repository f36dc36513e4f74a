import { isIP } from "node:net";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import type { Wire } from "./wire.ts";

/** Milliseconds that a connection with its handshake may take. */
const CONNECT_MS = 30_000;

/** @throws the error of the connection, an ETIMEDOUT of our own, or the signal's reason */
export async function openTls(
  connectTls: Wire["connect"],
  options: ConnectionOptions & { host: string; port: number },
  signal: AbortSignal,
): Promise<TLSSocket> {
  signal.throwIfAborted();
  // An address is no name for SNI.
  const servername = options.servername ?? (isIP(options.host) === 0 ? options.host : "");
  const socket = connectTls({ ...options, servername });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => reject(signal.reason);
  const tooLong = setTimeout(
    () => reject(Object.assign(new Error("no handshake in time"), { code: "ETIMEDOUT" })),
    CONNECT_MS,
  );
  signal.addEventListener("abort", stop, { once: true });
  socket.once("secureConnect", resolve);
  socket.on("error", reject); // stays: an error that nobody listens for would end the agent
  socket.once("close", () => reject(Object.assign(new Error("it was closed"), { code: "ECONNRESET" })));
  try {
    await promise;
    socket.setNoDelay(true);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(tooLong);
    signal.removeEventListener("abort", stop);
  }
}
