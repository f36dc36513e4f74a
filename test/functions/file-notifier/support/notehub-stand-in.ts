import {
  type Announcement,
  type Gone,
  parseAnnouncement,
  parseGone,
} from "../../../../protocol/announcement.ts";
import { type Answer, type Exchange, type Reply, startServer } from "./loopback-server.ts";

export const PROJECT = "app:2606f411-dea6-44a0-9743-1130f57d77d8";

/** The payload is base64. */
export type Accepted = { device: string; announcement: Announcement; payload?: string };

export type NotehubStandIn = AsyncDisposable & {
  url: string;
  /** All announcements of versions that were ever accepted, in order. */
  accepted: Accepted[];
  /** All that say that a key is gone. */
  acceptedGone: { device: string; gone: Gone }[];
  /** What still waits, by device. A device that syncs takes it. */
  queued: Map<string, (Announcement | Gone)[]>;
  fleets: Map<string, string[]>;
  /** Environment variables of each fleet. */
  variables: Map<string, Record<string, string>>;
  /** Devices that the project does not have; any other it has. */
  unknown: Set<string>;
  validTokens: Set<string>;
  /** What the token endpoint grants, and for how long. */
  grants: { token: string; expiresIn: number };
  requests: { method: string; path: string; query: string; body: string }[];
  fault: (exchange: Exchange) => Fault | Promise<Fault>;
};

type Fault = Answer | "accept-then-500" | "accept-then-garbage" | "accept-then-drop" | undefined;

const NOTES = /^\/v1\/projects\/([^/]+)\/devices\/([^/]+)\/notes\/file-update\.qi$/;
const VARIABLES = /^\/v1\/projects\/([^/]+)\/fleets\/([^/]+)\/environment_variables(?:\/([^/]+))?$/;
const DEVICES = /^\/v1\/projects\/([^/]+)\/fleets\/([^/]+)\/devices$/;

/** The calls of the Notehub API that the notifier makes. */
export async function startNotehub(): Promise<NotehubStandIn> {
  const server = await startServer(async (exchange) => {
    const { method, url, body } = exchange;
    const path = decodeURIComponent(url.pathname);
    notehub.requests.push({ method, path, query: url.search, body });
    const fault = await notehub.fault(exchange);
    if (fault === "accept-then-500" || fault === "accept-then-garbage" || fault === "accept-then-drop") {
      answer(exchange, path);
      if (fault === "accept-then-drop") return "drop";
      return fault === "accept-then-500" ? json({ err: "oops" }, 500) : { status: 200, body: "<html>" };
    }
    return fault ?? answer(exchange, path);
  });

  function answer({ method, url, headers, body }: Exchange, path: string): Reply {
    if (path === "/oauth2/token") return grant(new URLSearchParams(body));
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1] ?? "";
    if (!notehub.validTokens.has(token)) return json({ err: `no such token ${token}` }, 401);
    const [, project, device] = NOTES.exec(path) ?? [];
    if (project === PROJECT && device !== undefined) {
      if (notehub.unknown.has(device)) return json({ err: "no such device" }, 404);
      return method === "POST" ? addNote(device, body) : listNotes(device);
    }
    const asked = url.searchParams.get("deviceUID");
    if (path === `/v1/projects/${PROJECT}/devices` && asked !== null)
      return json({ devices: notehub.unknown.has(asked) ? [] : [{ uid: asked }], has_more: false });
    if (path === `/v1/projects/${PROJECT}/fleets`)
      return json({ fleets: [...notehub.fleets.keys()].map((uid) => ({ uid, label: uid })) });
    const [, owner, variablesOf = "", name] = VARIABLES.exec(path) ?? [];
    if (owner === PROJECT && notehub.fleets.has(variablesOf))
      return useVariables(method, variablesOf, name, body);
    const [, of, fleet] = DEVICES.exec(path) ?? [];
    const members = notehub.fleets.get(fleet ?? "");
    if (of !== PROJECT || members === undefined) return json({ err: "not found" }, 404);
    const size = Number(url.searchParams.get("pageSize") ?? 50);
    const first = (Number(url.searchParams.get("pageNum") ?? 1) - 1) * size;
    const devices = members.slice(first, first + size).map((uid) => ({ uid, serial_number: "" }));
    return json({ devices, has_more: first + size < members.length });
  }

  /** As a fleet's are set: added to those that there are. */
  function useVariables(method: string, fleet: string, name: string | undefined, body: string): Reply {
    const there = notehub.variables.get(fleet) ?? {};
    const { [name ?? ""]: _, ...others } = there;
    const next = { GET: there, DELETE: others }[method] ?? {
      ...there,
      ...JSON.parse(body).environment_variables,
    };
    notehub.variables.set(fleet, next);
    return json({ environment_variables: next });
  }

  function addNote(device: string, body: string): Reply {
    const { payload, ...said } = JSON.parse(body);
    const gone = parseGone(said.body);
    const announcement = parseAnnouncement(said.body);
    const note = gone ?? announcement;
    if (note === undefined) return json({ err: "no body" }, 400);
    if (gone !== undefined) notehub.acceptedGone.push({ device, gone });
    else if (announcement !== undefined) notehub.accepted.push({ device, announcement, payload });
    notehub.queued.set(device, [...(notehub.queued.get(device) ?? []), note]);
    return json({});
  }

  function listNotes(device: string): Reply {
    const queued = notehub.queued.get(device);
    if (queued === undefined) return json({ err: "no notefile {notefile-noexist}" }, 404);
    const notes = Object.fromEntries(queued.map((body, i) => [`1:${i}`, { body, time: 1 }]));
    return json({ changes: queued.length, total: queued.length, notes });
  }

  function grant(form: URLSearchParams): Reply {
    const right = form.get("client_id") === "id" && form.get("client_secret") === "s3cr3t";
    if (form.get("grant_type") !== "client_credentials" || !right)
      return json({ error: "invalid_client" }, 401);
    return json({
      access_token: notehub.grants.token,
      expires_in: notehub.grants.expiresIn,
      token_type: "bearer",
    });
  }

  const notehub: NotehubStandIn = {
    url: server.url,
    accepted: [],
    acceptedGone: [],
    queued: new Map(),
    fleets: new Map(),
    variables: new Map(),
    unknown: new Set(),
    validTokens: new Set(["pat-1"]),
    grants: { token: "granted-1", expiresIn: 1800 },
    requests: [],
    fault: () => undefined,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
  return notehub;
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}
