import { Agent } from "node:https";
import { createAccess } from "./api/access.ts";
import { createAnswer } from "./api/answer.ts";
import { createCallCounter } from "./api/call-counter.ts";
import { type CallCounts, createCallLog } from "./api/call-log.ts";
import { patternOf } from "./api/dispatch.ts";
import type { ApiFaults } from "./api/faults.ts";
import { serveApi } from "./api/http-server.ts";
import { createFaultSwitch, type FaultSwitch } from "./fault-switch.ts";
import { openHub } from "./hub.ts";
import type { NotehubOptions } from "./options.ts";
import { faultyExchange, type RouteFault } from "./proxy/faults.ts";
import { createProxy } from "./proxy/web-request.ts";
import { createEventDelivery } from "./routing/deliver-events.ts";
import { createSession, type NotehubSession } from "./session.ts";
import { proxyRoutes } from "./store/route-store.ts";

/** A running Notehub. `url` has no trailing slash and no `/v1`. */
export type Notehub = {
  port: number;
  url: string;
  faults: ApiFaults;
  /** Of what proxy routes answer; a fault's `method` is the web request's. */
  routeFaults: Pick<FaultSwitch<RouteFault>, "set" | "clear">;
  /** @throws if the device is not among the options'. */
  session(deviceUid: string): NotehubSession;
  stats(): { calls: number; callsInLastMinute: number; refused: number };
  /** The API calls that have arrived since the start, whatever became of them. */
  calls(): CallCounts;
  close(): Promise<void>;
};

/**
 * Starts a stand-in for Blues Notehub: the calls of its API that client libraries make, the queues of inbound Notes, and its
 * proxy routes. As in the OpenAPI document at https://dev.blues.io/openapi.json, version 1.2.0.
 */
export function startNotehub(options: NotehubOptions): Notehub {
  const hub = openHub(options);
  const access = createAccess(options.tokens, options.oauthClient, hub.now);
  const counter = createCallCounter(options.requestsPerMinute, hub.now);
  const log = createCallLog(patternOf);
  const faults = serveApi(options, createAnswer(hub, access, counter), log);
  const agent = new Agent({ keepAlive: true });
  const routeFaults = createFaultSwitch<RouteFault>();
  const proxy = createProxy(() => proxyRoutes(hub.routes), agent, options.ca, faultyExchange(routeFaults));
  const delivery = createEventDelivery(hub, agent);
  hub.arrivals.listen((event) => delivery.add(event, hub.fleets.of(event.device)));
  return {
    port: options.server.port,
    url: options.server.url,
    faults,
    routeFaults,
    session(deviceUid) {
      const device = hub.devices.get(deviceUid);
      if (device === undefined) throw new Error(`Notehub knows no device ${deviceUid}`);
      return createSession(hub, device, proxy);
    },
    stats: counter.stats,
    calls: log.counts,
    async close() {
      delivery.stop();
      agent.destroy();
      await options.server.close();
      hub.close();
    },
  };
}
