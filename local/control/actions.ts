import type { ServerResponse } from "node:http";
import type { Notehub } from "../blues/notehub/server.ts";
import type { EventFeed } from "./event-feed.ts";
import { NotehubFault, RouteFaultBody, SerialFaultBody } from "./fault-schemas.ts";
import { type ControlledDevice, findDevice } from "./find-device.ts";
import { findFunction, type KillableFunction } from "./find-function.ts";
import { parseFault } from "./parse-fault.ts";

/** What the door acts on. */
export type Controlled = {
  notehub: Pick<Notehub, "faults" | "routeFaults" | "calls">;
  /** In the order of their numbers. */
  devices: readonly ControlledDevice[];
  functions: readonly KillableFunction[];
  feed: EventFeed;
};

/** One request, let in and read. `name` is what the path names. */
export type Request = { body: unknown; name: string; response: ServerResponse };

/** What a request answers: JSON; undefined for 204. `"streams"`: the response is in use already. */
export type Action = (request: Request) => Promise<{ json: unknown } | undefined | "streams">;

/** Every path with its methods. `{name}` stands for any segment. */
export function createActions({
  notehub,
  devices,
  functions,
  feed,
}: Controlled): Record<string, Record<string, Action>> {
  return {
    "/notehub/faults": {
      async POST({ body }) {
        const { calls, method, path, ...fault } = parseFault(NotehubFault, body);
        await notehub.faults.inject(fault, { calls, method, path });
        return { json: body };
      },
      async DELETE() {
        await notehub.faults.clear();
        return undefined;
      },
    },
    "/notehub/calls": { GET: async () => ({ json: notehub.calls() }) },
    "/serial/faults": {
      async POST({ body }) {
        const { requests, device, ...fault } = parseFault(SerialFaultBody, body);
        findDevice(devices, device).serial.inject(fault, requests);
        return { json: body };
      },
      async DELETE() {
        for (const { serial } of devices) serial.clear();
        return undefined;
      },
    },
    "/route/faults": {
      async POST({ body }) {
        const { calls, method, path, device, ...fault } = parseFault(RouteFaultBody, body);
        const deviceUid = device === undefined ? undefined : findDevice(devices, device).deviceUid;
        notehub.routeFaults.set(fault, { calls, method, path, deviceUid });
        return { json: body };
      },
      async DELETE() {
        notehub.routeFaults.clear();
        return undefined;
      },
    },
    "/functions/{name}/kill": {
      async POST({ name }) {
        const found = findFunction(functions, name);
        return { json: { name: found.name, killed: found.kill() } };
      },
    },
    "/events": {
      async GET({ response }) {
        feed.send(response);
        return "streams";
      },
    },
  };
}
