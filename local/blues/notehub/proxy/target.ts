/**
 * Most characters of a web request's `name` and of a route's alias: what their fields in the Notecard's protocol hold
 * (`notehub.options`), less a terminator.
 */
const NAME_MAX_CHARS = 253;

/** Most characters of a web request's `content`. */
const CONTENT_MAX_CHARS = 99;

/** Why a request cannot be carried to Notehub; undefined if it can. */
export function unfit(request: {
  route: string;
  name: string;
  content?: string | undefined;
}): string | undefined {
  const { route, name, content = "" } = request;
  if (name.length > NAME_MAX_CHARS) return `name is longer than ${NAME_MAX_CHARS} characters {too-big}`;
  if (route.length > NAME_MAX_CHARS) return `route is longer than ${NAME_MAX_CHARS} characters {too-big}`;
  const fits = content.length <= CONTENT_MAX_CHARS;
  return fits ? undefined : `content is longer than ${CONTENT_MAX_CHARS} characters {too-big}`;
}

/**
 * Joins a route's URL and a request's `name` to origin and request target. The target is what the caller gave, byte for
 * byte: `new URL` would resolve `..` and re-encode. Only characters that no request line can hold are escaped: spaces,
 * controls and non-ASCII, which the original sample's hosts send unescaped.
 *
 * A name that starts with `?` is the query of the route's URL; any other gets the `/` it lacks.
 */
export function joinTarget(routeUrl: string, name: string): { origin: URL; target: string } {
  const origin = new URL(routeUrl);
  const base = routeUrl.slice(routeUrl.indexOf("//") + 2);
  const path = base.includes("/") ? base.slice(base.indexOf("/")) : "";
  const separator = name === "" || /^[/?]/.test(name) || path.endsWith("/") ? "" : "/";
  // Nothing after a `#` is ever sent to a server.
  const joined = `${path}${separator}${name}`.split("#")[0] ?? "";
  return { origin, target: escapeForWire(joined.startsWith("/") ? joined : `/${joined}`) };
}

function escapeForWire(target: string): string {
  // A lone surrogate has no UTF-8, and encodeURIComponent would throw.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this escapes
  return target.toWellFormed().replaceAll(/[\u0000-\u0020\u007f-\u{10ffff}]/gu, encodeURIComponent);
}

/** The Range header for `offset` and `max`; undefined if neither is given. */
export function rangeOf(offset: number | undefined, max: number | undefined): string | undefined {
  if (offset === undefined && max === undefined) return undefined;
  const from = offset ?? 0;
  return max === undefined ? `bytes=${from}-` : `bytes=${from}-${from + max - 1}`;
}
