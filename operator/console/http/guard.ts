import type { IncomingHttpHeaders } from "node:http";

/** What of a request decides whether it is looked at. */
export type Knock = { method: string; isApi: boolean; headers: IncomingHttpHeaders };

export type Refusal = { status: 401 | 403; problem: string };

/** The names that lead to 127.0.0.1 here; any other is a page of somebody else's, whose name was made to lead here. */
export function ownHosts(port: number): string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`];
}

/**
 * Why a request is refused, undefined if it is not. Every method is judged alike: a GET tells what somebody else may not read.
 *
 * @param isOpen whether a token is that of a session
 */
export function refusalOf(
  { method, isApi, headers }: Knock,
  port: number,
  isOpen: (token: string) => boolean,
): Refusal | undefined {
  const hosts = ownHosts(port);
  const refused = (problem: string): Refusal => ({ status: 403, problem });
  if (!hosts.includes(headers.host ?? "")) return refused("the console answers to its own address alone");
  const { origin } = headers;
  const isOwn = origin !== undefined && hosts.some((host) => origin === `http://${host}`);
  if (origin !== undefined && !isOwn) return refused("another page asks");
  if (!isApi) return undefined; // the page itself holds nothing: a link to it may stand anywhere
  if (!isOwn && method !== "GET") return refused("it is not said which page asks");
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin") return refused("another page asks");
  const token = /^Bearer ([\w-]{1,128})$/.exec(headers.authorization ?? "")?.[1];
  if (token !== undefined && isOpen(token)) return undefined;
  return { status: 401, problem: "the console does not know this browser: open the link that it printed" };
}
