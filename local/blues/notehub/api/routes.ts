import * as v from "valibot";
import { jsonObject } from "../../note/json-object.ts";
import { type RouteSettings, routeSettings } from "../route-settings.ts";
import type { StoredRoute } from "../store/route-store.ts";
import { ApiError } from "./api-error.ts";
import { bodyOf, type Call, type Handler, isoDate } from "./call.ts";

/** GetRoutes. Summaries only: a route's headers, which hold secrets, are not in them. */
export const listRoutes: Handler = ({ hub }) => ({
  json: hub.routes.list().map(({ uid, modified, settings: { label, type, disabled } }) => ({
    ...{ uid, label, type, disabled },
    modified: isoDate(modified),
  })),
});

/** CreateRoute. */
export const createRoute: Handler = (call) => {
  const settings = checked(call, bodyOf(call, v.looseObject({})));
  return { status: 201, json: shape(call.hub.routes.add(settings, call.hub.now())) };
};

/** GetRoute. */
export const getRoute: Handler = (call) => ({ json: shape(routeOf(call)) });

/** UpdateRoute: members that are not given stay, also within `http` and `proxy`. */
export const updateRoute: Handler = (call) => {
  const { uid, settings } = routeOf(call);
  const changes = bodyOf(call, v.looseObject({}));
  const section = (name: "http" | "proxy") =>
    v.is(jsonObject, changes[name]) ? { [name]: { ...settings[name], ...changes[name] } } : {};
  const merged = checked(call, { ...settings, ...changes, ...section("http"), ...section("proxy") });
  return { json: shape(call.hub.routes.change(uid, merged, call.hub.now())) };
};

/** DeleteRoute. */
export const deleteRoute: Handler = (call) => {
  call.hub.routes.delete(routeOf(call).uid);
  return { status: 204 };
};

export function routeOf({ hub, params }: Call): StoredRoute {
  const route = hub.routes.get(params.routeUID ?? "");
  if (route === undefined) throw new ApiError(404, `route ${params.routeUID} not found {route-noexist}`);
  return route;
}

/** The settings of a route of a type that the stand-in has; a `type` may be told by the section alone. */
function checked(call: Call, input: Record<string, unknown>): RouteSettings {
  const type = input.type ?? (input.proxy === undefined ? "http" : "proxy");
  if (type !== "http" && type !== "proxy")
    throw new ApiError(400, "no route of that type here {not-supported}");
  const settings = bodyOf({ ...call, body: { ...input, type } }, routeSettings);
  if (settings[type]?.url === undefined)
    throw new ApiError(400, `request body: ${type}.url is missing {syntax}`);
  return settings;
}

function shape({ uid, modified, settings }: StoredRoute) {
  return { ...settings, uid, modified: isoDate(modified) };
}
