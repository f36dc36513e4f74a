import type { ServerResponse } from "node:http";
import type { Notehub } from "../blues/notehub/server.ts";
import { ControlError } from "./control-error.ts";
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
  /** AWS IoT, where it runs. */
  iot: { restart(): Promise<void> } | undefined;
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
  iot,
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
    "/iot/kill": {
      async POST() {
        if (iot === undefined)
          throw new ControlError(404, "no-iot", "AWS IoT does not run here: npm start -- --iot");
        await iot.restart();
        return { json: { name: "AWS IoT", killed: 1 } };
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
