import { isDeepStrictEqual } from "node:util";
import type { Route, RouteSection, WantedRoute } from "./route.ts";

/** What is to be done about one wanted route. `changes` are sentences without secrets; `configured` may hold some. */
export type RouteStep = {
  wanted: WantedRoute;
  /** Other routes that take the same requests or Notes: which of them Notehub prefers is not documented. */
  doubles: string[];
} & (
  | { action: "create"; body: object }
  | { action: "change"; uid: string; changes: string[]; configured: RouteSection; body: object }
  | { action: "keep"; uid: string }
);

/**
 * Compares the routes that a deployment needs with those that its project has. A proxy route is known by its alias; an HTTP route by its
 * URL, or its label, since a new deployment has another URL.
 */
export function planRoutes(wanted: readonly WantedRoute[], existing: readonly Route[]): RouteStep[] {
  return wanted.map((route) => planRoute(route, existing));
}

function planRoute(wanted: WantedRoute, existing: readonly Route[]): RouteStep {
  const alike = existing.filter((route) => isAlike(wanted, route));
  const [best, ...others] = alike.sort((a, b) => changesOf(wanted, a).length - changesOf(wanted, b).length);
  const doubles = others.filter(({ disabled }) => !disabled).map(({ uid }) => uid);
  if (best === undefined) {
    return { action: "create", wanted, doubles, body: bodyOf(wanted, { label: wanted.label }, {}) };
  }
  const changes = changesOf(wanted, best);
  if (changes.length === 0) return { action: "keep", wanted, doubles, uid: best.uid };
  const { uid, modified: _readOnly, ...kept } = best;
  return {
    action: "change",
    wanted,
    doubles,
    uid,
    changes,
    configured: sectionOf(wanted, best),
    body: bodyOf(wanted, kept, sectionOf(wanted, best)),
  };
}

function isAlike(wanted: WantedRoute, route: Route): boolean {
  if (route.type !== wanted.type) return false;
  if (wanted.type === "proxy") return sectionOf(wanted, route).alias === wanted.alias;
  return sectionOf(wanted, route).url === wanted.url || route.label === wanted.label;
}

function sectionOf(wanted: WantedRoute, route: Route): RouteSection {
  return route[wanted.type] ?? {};
}

function changesOf(wanted: WantedRoute, route: Route): string[] {
  const { url, http_headers, filter } = sectionOf(wanted, route);
  const changes: [boolean, string][] = [
    [route.disabled, "it is disabled: enable it"],
    [url !== wanted.url, `URL ${url ?? "(none)"} becomes ${wanted.url}`],
    ...Object.entries(wanted.headers).map(([name, value]): [boolean, string] => {
      const found = headerOf(http_headers ?? {}, name);
      return [found !== value, `header ${name} is ${found === undefined ? "missing" : "another"}: set it`];
    }),
    [
      wanted.type === "http" && !takesAlone(filter ?? {}, wanted.notefile),
      `it gets other notefiles: let it get ${wanted.type === "http" ? wanted.notefile : ""} alone`,
    ],
  ];
  return changes.filter(([needed]) => needed).map(([, sentence]) => sentence);
}

function headerOf(headers: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.entries(headers).find(([found]) => found.toLowerCase() === name.toLowerCase())?.[1];
}

/** The whole route: whether Notehub keeps what a change leaves out is not documented. */
function bodyOf(wanted: WantedRoute, route: object, section: RouteSection): object {
  const { http_headers, ...rest } = section;
  const names = new Set(Object.keys(wanted.headers).map((name) => name.toLowerCase()));
  const others = Object.entries(http_headers ?? {}).filter(([name]) => !names.has(name.toLowerCase()));
  return {
    ...route,
    type: wanted.type,
    disabled: false,
    [wanted.type]: {
      ...rest,
      url: wanted.url,
      http_headers: { ...Object.fromEntries(others), ...wanted.headers },
      ...(wanted.type === "proxy" ? { alias: wanted.alias } : { filter: filterOf(wanted.notefile) }),
    },
  };
}

function takesAlone(
  filter: { type?: unknown; system_notefiles?: unknown; files?: unknown },
  notefile: string,
): boolean {
  const { type, system_notefiles, files } = filter;
  return type === "include" && system_notefiles !== true && isDeepStrictEqual(files, [notefile]);
}

function filterOf(notefile: string): object {
  return { type: "include", system_notefiles: false, files: [notefile] };
}
