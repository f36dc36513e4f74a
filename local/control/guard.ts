import { hash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { ControlError } from "./control-error.ts";

/**
 * Lets pass who holds the token and is no browser: a web page could otherwise reach the door through the person who
 * looks at it, under a name of its own that resolves to this machine.
 *
 * @throws {ControlError} 403 or 401
 */
export function guard(headers: IncomingHttpHeaders, port: number, token: string): void {
  const hosts = ["localhost", "127.0.0.1", "[::1]"].map((name) => `${name}:${port}`);
  if (!hosts.includes(headers.host?.toLowerCase() ?? "")) {
    throw new ControlError(403, "wrong-host", `the Host header must be one of ${hosts.join(", ")}`);
  }
  if (headers.origin !== undefined) {
    throw new ControlError(403, "browser", "a request with an Origin header is refused: no web page may ask");
  }
  const given = /^bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  if (given === undefined || !same(given, token)) {
    const sentence = "the header Authorization must be: Bearer, and the control token of endpoints.json";
    throw new ControlError(401, "unauthorized", sentence, { headers: { "www-authenticate": "Bearer" } });
  }
}

/** In constant time, also where the lengths differ. */
function same(left: string, right: string): boolean {
  return timingSafeEqual(hash("sha256", left, "buffer"), hash("sha256", right, "buffer"));
}
