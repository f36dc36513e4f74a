import type { LoopbackServer } from "../../host/loopback/loopback-server.ts";
import type { JsonObject } from "../note/json-object.ts";

/** A "Proxy for Notecard Web Requests" route. `timeoutSeconds` bounds one web request. */
export type ProxyRoute = {
  alias: string;
  url: string;
  headers: Record<string, string>;
  timeoutSeconds: number;
};

/** An HTTP route: events of these notefiles are posted to its URL. */
export type EventRoute = { label: string; url: string; headers: Record<string, string>; files: string[] };

export type NotehubDevice = { deviceUid: string; fleetUids: string[] };

/** What a Notehub tells whoever watches it; never a token, nor a route's headers. */
export type NotehubEvent =
  | { kind: "call"; method: string; path: string; status: number; milliseconds: number }
  | { kind: "note"; deviceUid: string; notefile: string; body: JsonObject | undefined }
  | { kind: "event"; deviceUid: string; notefile: string; body: JsonObject | undefined }
  | { kind: "web"; deviceUid: string; route: string; name: string; result: number | string; bytes: number };

export type NotehubOptions = {
  /** The SQLite file that keeps queues, events and variables. */
  file: string;
  /** Becomes this Notehub's, and closes with it. */
  server: LoopbackServer;
  /** PEM of a CA that the servers of routes may have, besides the public ones. */
  ca: string;
  projectUid: string;
  productUid: string;
  /** Personal access tokens. */
  tokens: string[];
  /** The project's OAuth client, for `POST /oauth2/token`. */
  oauthClient?: { clientId: string; clientSecret: string };
  devices: NotehubDevice[];
  routes: (ProxyRoute | EventRoute)[];
  /** API calls in any minute, above which they are refused with 429; no bound if absent. */
  requestsPerMinute?: number;
  observe?: (event: NotehubEvent) => void;
  /** Milliseconds since the epoch, for timestamps and the limit of requests; not for time-outs. */
  now?: () => number;
};
