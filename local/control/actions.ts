import type { ServerResponse } from "node:http";
import type { SerialFaults } from "../blues/notecard/serial/faults.ts";
import type { Notehub } from "../blues/notehub/server.ts";
import type { EventFeed } from "./event-feed.ts";
import { NotehubFault, RouteFaultBody, SerialFaultBody } from "./fault-schemas.ts";
import { findFunction, type KillableFunction } from "./find-function.ts";
import { parseFault } from "./parse-fault.ts";

/** What the door acts on. */
export type Controlled = {
  notehub: Pick<Notehub, "faults" | "routeFaults" | "calls">;
  serial: SerialFaults;
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
  serial,
  functions,
  feed,
}: Controlled): Record<string, Record<string, Action>> {
  return {
    "/notehub/faults": {
      async POST({ body }) {
        const { calls, method, ...fault } = parseFault(NotehubFault, body);
        await notehub.faults.inject(fault, { calls, method });
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
        const { requests, ...fault } = parseFault(SerialFaultBody, body);
        serial.inject(fault, requests);
        return { json: body };
      },
      async DELETE() {
        serial.clear();
        return undefined;
      },
    },
    "/route/faults": {
      async POST({ body }) {
        const { calls, method, ...fault } = parseFault(RouteFaultBody, body);
        notehub.routeFaults.set(fault, { calls, method });
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
