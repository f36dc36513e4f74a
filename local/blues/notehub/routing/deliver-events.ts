import type { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { rootCertificates } from "node:tls";
import { eventJson } from "../event-json.ts";
import type { Hub } from "../hub.ts";
import { exchange } from "../proxy/exchange.ts";
import { routeTakes } from "../route-settings.ts";
import type { HubEvent } from "../store/event-store.ts";
import { type StoredRoute, timeoutSecondsOf } from "../store/route-store.ts";

/** Sends events out by HTTP routes. */
export type EventDelivery = { add(event: HubEvent, fleetUids: readonly string[]): void; stop(): void };

/** Notehub does not document whether or when it tries again; these pauses are the stand-in's own. */
const RETRY_AFTER_MS = [500, 2000];
const WAITING_MAX = 1000;
const REPLY_MAX_BYTES = 1024 * 1024;
const LOGGED_CHARS = 1024;

/**
 * Events go out one after the other on each route, each with at most three attempts, of which every one is in the route
 * log. What waits when Notehub stops is lost, and so is what comes while a thousand wait.
 */
export function createEventDelivery(hub: Hub, agent: Agent): EventDelivery {
  const ca = [...rootCertificates, hub.options.ca];
  const stopped = new AbortController();
  const lines = new Map<string, { last: Promise<void>; waiting: number }>();

  async function deliver(routeUid: string, event: HubEvent) {
    // It may have been undone with the rest of the sync that brought it.
    if (!stopped.signal.aborted && !hub.events.has(event.event)) return;
    for (const pause of [...RETRY_AFTER_MS, undefined]) {
      // As the route is by now: a changed URL or header counts for the next attempt, and a deleted one is over.
      const route = hub.routes.get(routeUid);
      if (stopped.signal.aborted || route === undefined || route.settings.disabled) return;
      const delivered = await attempt(route, event);
      await sleep(route.settings.http?.throttle_ms ?? 0, undefined, { signal: stopped.signal, ref: false });
      if (delivered || pause === undefined) return;
      await sleep(pause, undefined, { signal: stopped.signal, ref: false });
    }
  }

  async function attempt({ uid, settings }: StoredRoute, event: HubEvent): Promise<boolean> {
    const { url = "", http_headers, timeout } = settings.http ?? {};
    const started = performance.now();
    const outcome = await exchange(
      {
        ...{ routeUrl: url, name: "", method: "POST" },
        headers: { "content-type": "application/json", ...http_headers },
        body: Buffer.from(JSON.stringify(eventJson(hub.options, event))),
        ...{ timeoutMs: timeoutSecondsOf(timeout) * 1000, maxBytes: REPLY_MAX_BYTES },
      },
      agent,
      ca,
    ).then(
      ({ status, body }) => ({
        failed: status < 200 || status > 299,
        status: String(status),
        text: body.toString(),
      }),
      (error: unknown) => ({ failed: true, status: "", text: String(error) }),
    );
    // The file is closed once Notehub has stopped.
    if (stopped.signal.aborted) return false;
    const text = outcome.text.slice(0, LOGGED_CHARS).toWellFormed();
    const duration = Math.round(performance.now() - started);
    hub.routeLogs.add({ ...outcome, text, route: uid, event: event.event, date: hub.now(), url, duration });
    return !outcome.failed;
  }

  return {
    add(event, fleetUids) {
      for (const { uid, settings } of hub.routes.list()) {
        if (!routeTakes(settings, event, fleetUids)) continue;
        const line = lines.get(uid) ?? { last: Promise.resolve(), waiting: 0 };
        lines.set(uid, line);
        if (line.waiting >= WAITING_MAX) continue;
        line.waiting += 1;
        // Rejected only by the end of a pause at the stop.
        const done = () => {
          line.waiting -= 1;
        };
        line.last = line.last.then(() => deliver(uid, event)).then(done, done);
      }
    },
    stop: () => stopped.abort(),
  };
}
