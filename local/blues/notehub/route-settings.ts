import * as v from "valibot";
import type { HubEvent } from "./store/event-store.ts";

const url = v.pipe(
  v.string(),
  v.check((text) => URL.canParse(text) && /^https?:\/\//i.test(text), "url is no http or https URL"),
);
// What Node would refuse to send must be refused when it is set, where somebody sees it.
const headers = v.record(
  v.pipe(
    v.string(),
    v.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "a header's name has characters that no header carries"),
  ),
  v.pipe(
    v.string(),
    v.regex(/^[\t\x20-\x7e\x80-\xff]*$/, "a header's value has characters that no header carries"),
  ),
);
const transform = v.strictObject({
  format: v.optional(v.string()),
  jsonata: v.optional(v.string()),
  jsonata_in: v.optional(v.string()),
});
const timeout = v.optional(v.pipe(v.number(), v.integer()));
const fleets = v.optional(v.nullable(v.array(v.string())));
const filter = v.object({
  type: v.optional(v.string()),
  system_notefiles: v.optional(v.boolean()),
  files: v.optional(v.nullable(v.array(v.string()))),
});
const shared = {
  url: v.optional(url),
  http_headers: v.optional(v.nullable(headers)),
  timeout,
  fleets,
  transform: v.optional(transform),
};

/** A route as the API sets it: `NotehubRoute` of Notehub's OpenAPI document, of the types that the stand-in has. */
export const routeSettings = v.object({
  label: v.optional(v.string(), ""),
  type: v.optional(v.string(), "http"),
  disabled: v.optional(v.boolean(), false),
  notes: v.optional(v.pipe(v.string(), v.maxLength(1024, "notes are longer than 1024 characters"))),
  http: v.optional(
    v.strictObject({
      ...shared,
      filter: v.optional(filter),
      disable_http_headers: v.optional(v.boolean()),
      throttle_ms: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(60_000))),
    }),
  ),
  proxy: v.optional(v.strictObject({ ...shared, alias: v.optional(v.string()) })),
});

export type RouteSettings = v.InferOutput<typeof routeSettings>;

/** Whether an event goes out by a route. `fleetUids` are those of its device. */
export function routeTakes(settings: RouteSettings, event: HubEvent, fleetUids: readonly string[]): boolean {
  const { type, disabled, http } = settings;
  if (type !== "http" || disabled || http?.url === undefined) return false;
  const { fleets, filter } = http;
  const forFleet = fleets == null || fleets.length === 0 || fleets.some((uid) => fleetUids.includes(uid));
  return forFleet && passes(event.file, filter ?? {});
}

/** The OpenAPI document writes the kinds of filter as `include` and as `inclusion`; both are understood. */
function passes(
  file: string,
  { type = "", files, system_notefiles = false }: v.InferOutput<typeof filter>,
): boolean {
  if (file.startsWith("_") && !system_notefiles) return false;
  const listed = (files ?? []).some((pattern) => matches(pattern, file));
  if (type.startsWith("inclu")) return listed;
  if (type.startsWith("exclu")) return !listed;
  return true;
}

/** `*` stands for any characters. Pieces are looked for in their order: no pattern makes that slow. */
function matches(pattern: string, file: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return pattern === file;
  if (!file.startsWith(first) || !file.endsWith(last)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = file.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at + last.length <= file.length;
}
