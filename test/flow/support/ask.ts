import { request } from "node:https";
import type { Flow } from "./flow.ts";

/** `headers` are as they came over the wire, their names' spelling included. */
export type Reply = { status: number | undefined; headers: Record<string, string>; body: string };

/** GETs `path`, sent as it is, from the function URL; with the route's token unless another header is given, or `null` for none. */
export function ask(
  flow: Flow,
  path: string,
  authorization?: string | null,
  more: Record<string, string> = {},
): Promise<Reply> {
  const { url, token } = flow.stack.endpoints.fileServer;
  const { hostname, port } = new URL(url);
  const bearer: Record<string, string> =
    authorization === null ? {} : { authorization: authorization ?? `Bearer ${token}` };
  const headers = { ...bearer, ...more };
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers, ca: flow.ca, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      const pairs = response.rawHeaders.flatMap((name, at, raw) =>
        at % 2 === 0 ? [[name, raw[at + 1]]] : [],
      );
      response.on("end", () =>
        resolve({ status: response.statusCode, headers: Object.fromEntries(pairs), body }),
      );
    })
      .on("error", reject)
      .end();
  });
}
