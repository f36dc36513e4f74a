import type { RouteLog } from "../store/route-log-store.ts";
import { ApiError } from "./api-error.ts";
import { type Handler, isoDate, pageOf } from "./call.ts";
import { routeOf } from "./routes.ts";

/** GetRouteLogsByRoute, newest first unless `sortOrder` is `asc`. */
export const listRouteLogs: Handler = (call) => {
  const descending = call.query.get("sortOrder") !== "asc";
  return { json: call.hub.routeLogs.ofRoute(routeOf(call).uid, { ...pageOf(call), descending }).map(shape) };
};

/** GetRouteLogsByEvent, oldest first. */
export const listEventRouteLogs: Handler = ({ hub, params }) => {
  const uid = params.eventUID ?? "";
  if (!hub.events.has(uid)) throw new ApiError(404, `event ${uid} not found {event-noexist}`);
  return { json: hub.routeLogs.ofEvent(uid).map(shape) };
};

function shape({ route, event, date, failed, ...rest }: RouteLog) {
  return { ...rest, route_uid: route, event_uid: event, attn: failed, date: isoDate(date) };
}
