import { request as httpRequest } from "node:http";
import { type Agent, request as httpsRequest } from "node:https";
import { joinTarget } from "./target.ts";

/** One HTTP request as Notehub makes it. */
export type Outgoing = {
  /** Absent for what no device asks for. */
  deviceUid?: string;
  routeUrl: string;
  name: string;
  method: string;
  headers: Record<string, string>;
  body: Buffer | undefined;
  timeoutMs: number;
  maxBytes: number;
};

export type Incoming = { status: number; contentRange: string | undefined; body: Buffer };

/** How a request is made; see `exchange`. */
export type Exchange = (outgoing: Outgoing, agent: Agent, ca: string[]) => Promise<Incoming>;

/** A reply that is longer than its taker can hold. */
export class ReplyTooBig extends Error {
  override name = "ReplyTooBig" as const;
}

/** The reply was not complete in time. */
export class ReplyTimeout extends Error {
  override name = "ReplyTimeout" as const;
}

/**
 * Makes one request, follows no redirect, and reads the whole reply. The time bounds all of it, the body included.
 *
 * @throws {ReplyTooBig} {ReplyTimeout} or the error of the connection.
 */
export function exchange(outgoing: Outgoing, agent: Agent, ca: string[]): Promise<Incoming> {
  const { origin, target } = joinTarget(outgoing.routeUrl, outgoing.name);
  return new Promise((resolve, reject) => {
    const secure = origin.protocol === "https:";
    const options = {
      host: origin.hostname,
      port: origin.port === "" ? (secure ? 443 : 80) : Number(origin.port),
      path: target,
      method: outgoing.method,
      headers: { "user-agent": "BluesNotehub/1.0", ...outgoing.headers },
    };
    const request = secure ? httpsRequest({ ...options, agent, ca }) : httpRequest(options);
    const giveUp = (error: Error) => {
      clearTimeout(timer);
      reject(error);
      // Destroyed without an error, since nobody may be left to handle it.
      request.destroy();
    };
    const timer = setTimeout(() => giveUp(new ReplyTimeout("no reply in time")), outgoing.timeoutMs);
    request.on("error", giveUp);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > outgoing.maxBytes) giveUp(new ReplyTooBig("reply too big"));
        else chunks.push(chunk);
      });
      response.on("error", giveUp);
      response.on("end", () => {
        clearTimeout(timer);
        const contentRange = response.headers["content-range"];
        resolve({ status: response.statusCode ?? 0, contentRange, body: Buffer.concat(chunks) });
      });
    });
    request.end(outgoing.body);
  });
}
