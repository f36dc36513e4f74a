import { ApiError } from "./api-error.ts";
import type { Handler } from "./call.ts";
import { listHealthLog, listLatestEvents, listSessions } from "./device-history.ts";
import { getDevice, listDevices, listFleetDevices, signalDevice } from "./devices.ts";
import {
  deleteDeviceVariable,
  deleteFleetVariable,
  deleteProjectVariable,
  getDeviceEnvironment,
  getFleetEnvironment,
  getProjectEnvironment,
  setDeviceEnvironment,
  setFleetEnvironment,
  setProjectEnvironment,
} from "./environment.ts";
import { getDeviceHierarchy, getFleetHierarchy, getProjectHierarchy } from "./environment-hierarchy.ts";
import { listEvents, listEventsByCursor, listFleetEvents, listFleetEventsByCursor } from "./events.ts";
import {
  addDeviceToFleets,
  createFleet,
  deleteFleet,
  getFleet,
  listDeviceFleets,
  listFleets,
  removeDeviceFromFleets,
  updateFleet,
} from "./fleets.ts";
import { deleteNotefiles, listNotefiles } from "./notefiles.ts";
import { addNote, deleteNote, getNote, listNotes, putDatabaseNote } from "./notes.ts";
import { getProject, listProducts, listProjects } from "./projects.ts";
import { listEventRouteLogs, listRouteLogs } from "./route-logs.ts";
import { createRoute, deleteRoute, getRoute, listRoutes, updateRoute } from "./routes.ts";

const PROJECT = "/v1/projects/{projectOrProductUID}";
const DEVICE = `${PROJECT}/devices/{deviceUID}`;
const FLEET = `${PROJECT}/fleets/{fleetUID}`;

/** The calls that need a token, as in Notehub's OpenAPI document; docs/LOCAL-NOTEHUB.md lists them. */
export const CALLS: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  "/v1/projects": { GET: listProjects },
  "/v1/products/{productUID}/project": { GET: getProject },
  [PROJECT]: { GET: getProject },
  [`${PROJECT}/products`]: { GET: listProducts },
  [`${PROJECT}/environment_hierarchy`]: { GET: getProjectHierarchy },
  [`${PROJECT}/environment_variables`]: { GET: getProjectEnvironment, PUT: setProjectEnvironment },
  [`${PROJECT}/environment_variables/{key}`]: { DELETE: deleteProjectVariable },
  [`${PROJECT}/events`]: { GET: listEvents },
  [`${PROJECT}/events-cursor`]: { GET: listEventsByCursor },
  [`${PROJECT}/devices`]: { GET: listDevices },
  [DEVICE]: { GET: getDevice },
  [`${DEVICE}/environment_hierarchy`]: { GET: getDeviceHierarchy },
  [`${DEVICE}/environment_variables`]: { GET: getDeviceEnvironment, PUT: setDeviceEnvironment },
  [`${DEVICE}/environment_variables/{key}`]: { DELETE: deleteDeviceVariable },
  [`${DEVICE}/files`]: { GET: listNotefiles, DELETE: deleteNotefiles },
  [`${DEVICE}/fleets`]: { GET: listDeviceFleets, PUT: addDeviceToFleets, DELETE: removeDeviceFromFleets },
  [`${DEVICE}/health-log`]: { GET: listHealthLog },
  [`${DEVICE}/latest`]: { GET: listLatestEvents },
  [`${DEVICE}/notes/{notefileID}`]: { GET: listNotes, POST: addNote },
  [`${DEVICE}/notes/{notefileID}/{noteID}`]: {
    GET: getNote,
    POST: putDatabaseNote,
    PUT: putDatabaseNote,
    DELETE: deleteNote,
  },
  [`${DEVICE}/sessions`]: { GET: listSessions },
  [`${DEVICE}/signal`]: { POST: signalDevice },
  [`${PROJECT}/fleets`]: { GET: listFleets, POST: createFleet },
  [FLEET]: { GET: getFleet, PUT: updateFleet, DELETE: deleteFleet },
  [`${FLEET}/devices`]: { GET: listFleetDevices },
  [`${FLEET}/environment_hierarchy`]: { GET: getFleetHierarchy },
  [`${FLEET}/environment_variables`]: { GET: getFleetEnvironment, PUT: setFleetEnvironment },
  [`${FLEET}/environment_variables/{key}`]: { DELETE: deleteFleetVariable },
  [`${FLEET}/events`]: { GET: listFleetEvents },
  [`${FLEET}/events-cursor`]: { GET: listFleetEventsByCursor },
  [`${PROJECT}/routes`]: { GET: listRoutes, POST: createRoute },
  [`${PROJECT}/routes/{routeUID}`]: { GET: getRoute, PUT: updateRoute, DELETE: deleteRoute },
  [`${PROJECT}/routes/{routeUID}/route-logs`]: { GET: listRouteLogs },
  [`${PROJECT}/events/{eventUID}/route-logs`]: { GET: listEventRouteLogs },
};

const PATTERNS = Object.entries(CALLS).map(([pattern, methods]) => ({
  segments: pattern.slice(1).split("/"),
  methods,
}));

/**
 * Finds the handler of a path's segments, decoded.
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
    const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (handler === undefined) throw new ApiError(405, `method ${method} not allowed`);
    return { handler, params };
  }
  throw new ApiError(404, "no such endpoint");
}

/** The path of the OpenAPI document that a path, as it came, is of: without UIDs. Undefined for a path that no call has. */
export function patternOf(rawPath: string): string | undefined {
  const path = rawPath.slice(1).split("/");
  const found = PATTERNS.find(({ segments }) => match(segments, path) !== undefined);
  return found === undefined ? undefined : `/${found.segments.join("/")}`;
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
