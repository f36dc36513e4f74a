import { createConnection } from "node:net";
import { sentenceOf } from "../system/errno.ts";
import { NETWORK_LINE, NETWORKED_UART_LINE, type Port, PortClosed } from "./port.ts";
import { createStreamPort } from "./stream-port.ts";

/** Milliseconds to wait for a connection. */
const CONNECT_TIMEOUT_MS = 10_000;

/** `pace`: what is behind the connection and loses bytes that come faster than it reads. */
export type TcpAddress = { host: string; port: number; pace?: "uart" };

/**
 * Opens a Notecard's serial line over TCP.
 *
 * @param signal gives up the attempt
 * @throws {PortClosed} if nothing answers there.
 */
export function openTcpPort({ host, port, pace }: TcpAddress, signal?: AbortSignal): Promise<Port> {
  return new Promise((resolve, reject) => {
    const limit = AbortSignal.any([AbortSignal.timeout(CONNECT_TIMEOUT_MS), ...(signal ? [signal] : [])]);
    const socket = createConnection({ host, port, noDelay: true, keepAlive: true });
    const fail = (cause: unknown) => {
      socket.destroy();
      reject(new PortClosed(`no Notecard answers at ${host}:${port}: ${messageOf(cause)}`, { cause }));
    };
    const giveUp = () => fail(limit.reason);
    if (limit.aborted) return giveUp();
    limit.addEventListener("abort", giveUp, { once: true });
    socket.once("error", fail);
    socket.once("connect", () => {
      limit.removeEventListener("abort", giveUp);
      socket.off("error", fail);
      resolve(createStreamPort(socket, pace === "uart" ? NETWORKED_UART_LINE : NETWORK_LINE));
    });
  });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error && cause.name === "TimeoutError"
    ? `no connection within ${CONNECT_TIMEOUT_MS / 1000} s`
    : sentenceOf(cause);
}
