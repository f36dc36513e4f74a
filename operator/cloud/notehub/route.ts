import * as v from "valibot";

/** Notehub's examples write the flag as text. */
const Flag = v.pipe(
  v.union([v.boolean(), v.string()]),
  v.transform((flag) => flag === true || flag === "true"),
);

/** Settings of one type of route; what is not read here is kept when it is changed. */
const Section = v.looseObject({
  url: v.optional(v.nullable(v.string())),
  alias: v.optional(v.nullable(v.string())),
  http_headers: v.optional(v.nullable(v.record(v.string(), v.string()))),
  filter: v.optional(v.nullable(v.looseObject({}))),
  fleets: v.optional(v.nullable(v.array(v.string()))),
});

export type RouteSection = v.InferOutput<typeof Section>;

/** A route of a Notehub project, as its API tells it; of two types at most the settings are known here. */
export const Route = v.looseObject({
  uid: v.string(),
  label: v.optional(v.string(), ""),
  type: v.string(),
  disabled: v.optional(Flag, false),
  proxy: v.optional(v.nullable(Section)),
  http: v.optional(v.nullable(Section)),
});

export type Route = v.InferOutput<typeof Route>;

/** A route that a deployment needs. `headers` hold a secret: they are never shown. */
export type WantedRoute = { label: string; url: string; headers: Readonly<Record<string, string>> } & (
  | { type: "proxy"; alias: string }
  | { type: "http"; notefile: string }
);
