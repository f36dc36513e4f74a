import { setTimeout as sleep } from "node:timers/promises";
import type { FaultSwitch } from "../fault-switch.ts";
import { type Exchange, exchange, type Incoming, ReplyTimeout, ReplyTooBig } from "./exchange.ts";

/** What can be wrong with the server behind a proxy route. */
export type RouteFault =
  /** This status and body, empty unless given, in place of the server's. */
  | { kind: "status"; status: number; body?: string }
  /** A web page with status 200, as a sign-in page of a network on the way. */
  | { kind: "html" }
  /** The server is asked only after a while, which counts against the request's time. */
  | { kind: "delay"; milliseconds: number }
  /** The connection is cut before a reply. */
  | { kind: "cut" };

const PAGE =
  "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Sign in to go on.</body></html>\n";

class ConnectionCut extends Error {
  override name = "ConnectionCut" as const;
  readonly code = "ECONNRESET";
}

/** Makes requests as `exchange` does, with the faults that are put in force. */
export function faultyExchange(faults: Pick<FaultSwitch<RouteFault>, "next">): Exchange {
  return async (outgoing, agent, ca) => {
    const fault = faults.next({ ...outgoing, path: outgoing.name });
    switch (fault?.kind) {
      case "status":
        return reply(fault.status, fault.body ?? "", outgoing.maxBytes);
      case "html":
        return reply(200, PAGE, outgoing.maxBytes);
      case "cut":
        throw new ConnectionCut("the connection was cut");
      case "delay": {
        const left = outgoing.timeoutMs - fault.milliseconds;
        await sleep(Math.min(fault.milliseconds, outgoing.timeoutMs), undefined, { ref: false });
        if (left <= 0) throw new ReplyTimeout("no reply in time");
        return exchange({ ...outgoing, timeoutMs: left }, agent, ca);
      }
      case undefined:
        return exchange(outgoing, agent, ca);
    }
  };
}

function reply(status: number, text: string, maxBytes: number): Incoming {
  const body = Buffer.from(text);
  if (body.length > maxBytes) throw new ReplyTooBig("reply too big");
  return { status, contentRange: undefined, body };
}
