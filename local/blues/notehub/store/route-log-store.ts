import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";

/** One attempt to send an event out by a route. `date` is in epoch seconds, `duration` in milliseconds. */
export type RouteLog = {
  route: string;
  event: string;
  date: number;
  failed: boolean;
  status: string;
  text: string;
  url: string;
  duration: number;
};

export type RouteLogStore = {
  add(log: RouteLog): void;
  ofEvent(eventUid: string): RouteLog[];
  ofRoute(routeUid: string, page: { offset: number; limit: number; descending: boolean }): RouteLog[];
};

/** Only the newest attempts are kept, or a route that fails would fill the disk. */
const LOGS_MAX = 10_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS route_log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    route TEXT NOT NULL,
    event TEXT NOT NULL,
    date REAL NOT NULL,
    failed INTEGER NOT NULL,
    status TEXT NOT NULL,
    text TEXT NOT NULL,
    url TEXT NOT NULL,
    duration INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS route_log_by_event ON route_log (event);
`;

const rowSchema = v.object({
  ...{ route: v.string(), event: v.string(), date: v.number(), status: v.string() },
  ...{ text: v.string(), url: v.string(), duration: v.number() },
  failed: v.pipe(
    v.number(),
    v.transform((failed) => failed !== 0),
  ),
});

const SELECT = "SELECT route, event, date, failed, status, text, url, duration FROM route_log";

export function openRouteLogStore(database: DatabaseSync): RouteLogStore {
  database.exec(SCHEMA);
  const insert = database.prepare(
    "INSERT INTO route_log (route, event, date, failed, status, text, url, duration) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const trim = database.prepare("DELETE FROM route_log WHERE seq <= (SELECT max(seq) FROM route_log) - ?");
  const byEvent = database.prepare(`${SELECT} WHERE event = ? ORDER BY seq`);
  const byRoute = (order: string) =>
    database.prepare(`${SELECT} WHERE route = ? ORDER BY seq ${order} LIMIT ? OFFSET ?`);
  const [ascending, descending] = [byRoute("ASC"), byRoute("DESC")];
  const toLog = (row: unknown) => v.parse(rowSchema, row);
  return {
    add({ route, event, date, failed, status, text, url, duration }) {
      insert.run(route, event, date, failed ? 1 : 0, status, text, url, duration);
      trim.run(LOGS_MAX);
    },
    ofEvent: (event) => byEvent.all(event).map(toLog),
    ofRoute: (route, page) =>
      (page.descending ? descending : ascending).all(route, page.limit, page.offset).map(toLog),
  };
}
