import { request } from "node:https";
import type { Flow } from "./flow.ts";

export type Reply = { status: number | undefined; body: string };

/** GETs `path`, sent as it is, from the function URL; with the route's token unless another header is given. */
export function ask(flow: Flow, path: string, authorization?: string): Promise<Reply> {
  const { url, token } = flow.stack.endpoints.fileServer;
  const { hostname, port } = new URL(url);
  const headers = { authorization: authorization ?? `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers, ca: flow.ca, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode, body }));
    })
      .on("error", reject)
      .end();
  });
}
