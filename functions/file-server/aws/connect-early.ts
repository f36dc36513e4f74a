import type http from "node:http";
import type https from "node:https";
import net, { type Socket } from "node:net";
import tls from "node:tls";

/**
 * Opens the agent's first connection before there is a request for it. If that fails, or it is closed meanwhile, the first request opens
 * its own as ever.
 *
 * @returns whether a socket is that connection: what goes wrong on it says nothing of the service now.
 */
export function connectEarly(
  agent: http.Agent | https.Agent,
  { protocol, hostname: host, port }: URL,
): (socket: Socket | null) => boolean {
  const secure = protocol !== "http:";
  const to = { host, port: Number(port) || (secure ? 443 : 80) };
  const early = secure
    ? tls.connect({ ...to, servername: host, ALPNProtocols: ["http/1.1"] })
    : net.connect(to);
  const ignore = () => undefined; // until a request has it, nobody else listens, and an error would end the process
  early.on("error", ignore);
  early.unref(); // it keeps no process alive
  let waiting = true;
  const { createConnection } = agent;
  Object.assign(agent, {
    createConnection(...args: unknown[]) {
      const usable = waiting && !early.destroyed;
      waiting = false;
      if (!usable) return Reflect.apply(createConnection, agent, args);
      early.ref();
      return early;
    },
  });
  return (socket) => socket === early;
}
