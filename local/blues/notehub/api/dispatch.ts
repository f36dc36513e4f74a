import { ApiError } from "./api-error.ts";
import type { Handler } from "./call.ts";
import { getDevice, listDevices, listFleetDevices, listFleets, signalDevice } from "./devices.ts";
import {
  getDeviceEnvironment,
  getFleetEnvironment,
  setDeviceEnvironment,
  setFleetEnvironment,
} from "./environment.ts";
import { listEvents } from "./events.ts";
import { addNote, deleteNote, getNote, listNotes, putDatabaseNote } from "./notes.ts";
import { listRoutes } from "./routes.ts";

/** Below `/v1/projects/{projectOrProductUID}`, as in Notehub's OpenAPI document. */
const CALLS: Record<string, Record<string, Handler>> = {
  "/devices": { GET: listDevices },
  "/devices/{deviceUID}": { GET: getDevice },
  "/devices/{deviceUID}/environment_variables": { GET: getDeviceEnvironment, PUT: setDeviceEnvironment },
  "/devices/{deviceUID}/notes/{notefileID}": { GET: listNotes, POST: addNote },
  "/devices/{deviceUID}/notes/{notefileID}/{noteID}": {
    GET: getNote,
    POST: putDatabaseNote,
    PUT: putDatabaseNote,
    DELETE: deleteNote,
  },
  "/devices/{deviceUID}/signal": { POST: signalDevice },
  "/events": { GET: listEvents },
  "/fleets": { GET: listFleets },
  "/fleets/{fleetUID}/devices": { GET: listFleetDevices },
  "/fleets/{fleetUID}/environment_variables": { GET: getFleetEnvironment, PUT: setFleetEnvironment },
  "/routes": { GET: listRoutes },
};

const PATTERNS = Object.entries(CALLS).map(([pattern, methods]) => ({
  segments: pattern.slice(1).split("/"),
  methods,
}));

/**
 * Finds the handler of a path's segments, decoded and without the project's.
 *
 * @throws {ApiError} 404 for a path that no call has, 405 for another method.
 */
export function findHandler(
  method: string,
  path: string[],
): { handler: Handler; params: Record<string, string> } {
  for (const { segments, methods } of PATTERNS) {
    const params = match(segments, path);
    if (params === undefined) continue;
    const handler = methods[method];
    if (handler === undefined) throw new ApiError(405, `method ${method} not allowed`);
    return { handler, params };
  }
  throw new ApiError(404, "no such endpoint");
}

function match(pattern: string[], path: string[]): Record<string, string> | undefined {
  if (pattern.length !== path.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const actual = path[index] ?? "";
    if (expected.startsWith("{")) params[expected.slice(1, -1)] = actual;
    else if (expected !== actual) return undefined;
  }
  return params;
}
