import type { IncomingHttpHeaders } from "node:http";
import { Agent, request } from "./runtime-http.ts";

// What AWS's runtime client expects of its native addon: `next`, `done` and `error`. The addon posts synchronously;
// here `next` waits for the post before it instead, which the runtime cannot tell apart.

const [hostname, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? "").split(":");
const agent = new Agent({ keepAlive: true });
const JSON_TYPE = { "content-type": "application/json" };

type Invocation = { bodyJson: string; headers: IncomingHttpHeaders };

let posted: Promise<unknown> = Promise.resolve();

export async function next(): Promise<Invocation> {
  await posted;
  return call("GET", "next");
}

export function done(id: string, body: string): void {
  post(`${id}/response`, body, {});
}

export function error(id: string, body: string, xrayCause: string): void {
  post(`${id}/error`, body, { "lambda-runtime-function-xray-error-cause": encodeURI(xrayCause) });
}

function post(path: string, body: string, headers: Record<string, string>): void {
  posted = call("POST", path, body, headers);
  posted.catch(() => {}); // `next` throws it, which ends the process as a failed post of the addon's would
}

function call(
  method: string,
  path: string,
  body = "",
  headers: Record<string, string> = {},
): Promise<Invocation> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        hostname,
        port,
        method,
        path: `/2018-06-01/runtime/invocation/${path}`,
        headers: { ...JSON_TYPE, "content-length": Buffer.byteLength(body), ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ bodyJson: Buffer.concat(chunks).toString(), headers: response.headers }),
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
