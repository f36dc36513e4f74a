import { createHash, randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import type { EventRoute, ProxyRoute } from "../options.ts";
import { type RouteSettings, routeSettings } from "../route-settings.ts";

/** A route; `modified` is in epoch seconds. */
export type StoredRoute = { uid: string; modified: number; settings: RouteSettings };

export type RouteStore = {
  /** Those that the Notehub starts with, then the others, oldest first. */
  list(): StoredRoute[];
  get(uid: string): StoredRoute | undefined;
  add(settings: RouteSettings, now: number): StoredRoute;
  change(uid: string, settings: RouteSettings, now: number): StoredRoute;
  delete(uid: string): void;
};

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS route (
    uid TEXT PRIMARY KEY,
    settings TEXT NOT NULL,
    modified REAL NOT NULL
  ) STRICT;
`;

const rowSchema = v.object({
  uid: v.string(),
  settings: v.pipe(v.string(), v.parseJson(), routeSettings),
  modified: v.number(),
});

/**
 * @param given routes to start with. Their token and URL are new at each start, so what is done to them lasts until the
 *   next one, and they are never written to the file.
 */
export function openRouteStore(
  database: DatabaseSync,
  given: readonly (ProxyRoute | EventRoute)[],
): RouteStore {
  database.exec(SCHEMA);
  const all = database.prepare("SELECT uid, settings, modified FROM route ORDER BY rowid");
  const insert = database.prepare("INSERT INTO route (uid, settings, modified) VALUES (?, ?, ?)");
  const update = database.prepare("UPDATE route SET settings = ?, modified = ? WHERE uid = ?");
  const remove = database.prepare("DELETE FROM route WHERE uid = ?");
  const routes = new Map(
    [...given.map(toStored), ...all.all().map((row) => v.parse(rowSchema, row))].map((r) => [r.uid, r]),
  );
  return {
    list: () => [...routes.values()],
    get: (uid) => routes.get(uid),
    add(settings, modified) {
      const route = { uid: `route:${randomUUID().replaceAll("-", "")}`, settings, modified };
      insert.run(route.uid, JSON.stringify(settings), modified);
      routes.set(route.uid, route);
      return route;
    },
    change(uid, settings, modified) {
      update.run(JSON.stringify(settings), modified, uid);
      const route = { uid, settings, modified };
      routes.set(uid, route);
      return route;
    },
    delete(uid) {
      remove.run(uid);
      routes.delete(uid);
    },
  };
}

function toStored(route: ProxyRoute | EventRoute): StoredRoute {
  const { url, headers } = route;
  const label = "alias" in route ? route.alias : route.label;
  const uid = `route:${createHash("md5").update(label).digest("hex")}`;
  const settings: RouteSettings =
    "alias" in route
      ? {
          ...{ label, type: "proxy", disabled: false },
          proxy: { alias: label, url, http_headers: headers, timeout: route.timeoutSeconds },
        }
      : {
          ...{ label, type: "http", disabled: false },
          http: {
            url,
            http_headers: headers,
            filter: { type: "include", system_notefiles: false, files: route.files },
          },
        };
  return { uid, modified: 0, settings };
}

/** The proxy routes in force, the oldest first. */
export function proxyRoutes(routes: RouteStore): ProxyRoute[] {
  return routes.list().flatMap(({ settings: { type, disabled, proxy } }) => {
    if (type !== "proxy" || disabled || proxy?.url === undefined) return [];
    const { alias = "", url, http_headers, timeout } = proxy;
    return [{ alias, url, headers: http_headers ?? {}, timeoutSeconds: timeoutSecondsOf(timeout) }];
  });
}

/** Notehub documents neither unit nor default; Blues' own projects give 180, which can only be seconds. */
export function timeoutSecondsOf(timeout = 0): number {
  return timeout <= 0 ? 60 : Math.min(timeout, 600);
}
