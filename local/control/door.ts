import type { IncomingMessage, ServerResponse } from "node:http";
import type { LoopbackServer } from "../host/loopback/loopback-server.ts";
import { readAtMost } from "../host/loopback/read-at-most.ts";
import { type Action, type Controlled, createActions } from "./actions.ts";
import { ControlError } from "./control-error.ts";
import { guard } from "./guard.ts";

/** More than any fault needs, with a reply of a route in it. */
const BODY_MAX_BYTES = 64 * 1024;

/** The stack's control door: faults, counts and events for whoever holds `token`, over plain HTTP. */
export function serveControl(server: LoopbackServer, token: string, controlled: Controlled): void {
  const actions = createActions(controlled);
  server.serve((request, response) => {
    answer(request, response)
      .catch((error: unknown) => refuse(response, error))
      .catch(() => request.socket.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    guard(request.headers, server.port, token);
    const { action, name } = find(actions, request.method ?? "", (request.url ?? "").split("?")[0] ?? "");
    const bytes = await readAtMost(BODY_MAX_BYTES, request);
    if (bytes === undefined) {
      throw new ControlError(413, "too-big", `a body has at most ${BODY_MAX_BYTES} bytes`);
    }
    const reply = await action({ body: readJson(bytes), name, response });
    if (reply === undefined) response.writeHead(204).end();
    else if (reply !== "streams") send(response, 200, reply.json);
  }
}

function find(
  actions: Record<string, Record<string, Action>>,
  method: string,
  path: string,
): { action: Action; name: string } {
  for (const [pattern, methods] of Object.entries(actions)) {
    const [before = "", after] = pattern.split("{name}");
    const named = after !== undefined && path.startsWith(before) && path.endsWith(after);
    const name = named ? path.slice(before.length, path.length - after.length) : "";
    if (named ? name === "" || name.includes("/") : path !== pattern) continue;
    const action = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (action !== undefined) return { action, name: decode(name) };
    const allow = Object.keys(methods).join(", ");
    throw new ControlError(405, "wrong-method", `${path} takes ${allow}`, { headers: { allow } });
  }
  throw new ControlError(
    404,
    "unknown-path",
    `there is no ${path}; there are ${Object.keys(actions).join(", ")}`,
  );
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new ControlError(400, "bad-path", "the path has a broken percent escape", { cause });
  }
}

/** No body is undefined. */
function readJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString());
  } catch (cause) {
    throw new ControlError(400, "not-json", "the body is not JSON", { cause });
  }
}

function refuse(response: ServerResponse, error: unknown): void {
  const sentence = error instanceof Error ? error.message : String(error);
  const known = error instanceof ControlError ? error : new ControlError(500, "internal", sentence);
  send(response, known.status, { code: known.code, message: known.message }, known.headers);
}

function send(response: ServerResponse, status: number, json: unknown, headers = {}): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers });
  response.end(JSON.stringify(json));
}
