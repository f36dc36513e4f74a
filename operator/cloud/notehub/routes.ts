import * as v from "valibot";
import { OperatorError } from "../operator-error.ts";
import type { NotehubApi } from "./notehub-api.ts";
import type { RouteStep } from "./plan-routes.ts";
import { Route } from "./route.ts";

const Summaries = v.array(v.looseObject({ uid: v.string(), type: v.string() }));

/** The routes of the project that are of a type that a deployment needs. Their summaries lack URL and headers. */
export async function readRoutes(api: NotehubApi): Promise<Route[]> {
  const summaries = parse(Summaries, await api.call("GET", "/routes"));
  const ofType = summaries.filter(({ type }) => type === "proxy" || type === "http");
  const routes: Route[] = [];
  for (const { uid } of ofType) {
    routes.push(parse(Route, await api.call("GET", `/routes/${encodeURIComponent(uid)}`)));
  }
  return routes;
}

/** Does what a step says. */
export async function carryOut(api: NotehubApi, step: RouteStep): Promise<void> {
  if (step.action === "create") await api.call("POST", "/routes", step.body);
  if (step.action === "change") await api.call("PUT", `/routes/${encodeURIComponent(step.uid)}`, step.body);
}

/** The error shows nothing of a route: it may hold secrets. */
function parse<Schema extends v.GenericSchema>(schema: Schema, json: unknown): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new OperatorError(
    "fault",
    `Notehub's answer about routes cannot be read at ${v.getDotPath(issue) ?? "its top"}`,
  );
}
