import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { readAtMost } from "../../../host/loopback/read-at-most.ts";
import { parseJsonObject } from "../../note/json-object.ts";
import { createFaultSwitch } from "../fault-switch.ts";
import type { NotehubOptions } from "../options.ts";
import type { ApiAnswer, ApiRequest } from "./answer.ts";
import { errorBody } from "./api-error.ts";
import type { CallLog } from "./call-log.ts";
import type { ApiFault, ApiFaults } from "./faults.ts";

/** Most bytes of a request body: more than any Note needs, and little enough to keep in memory. */
const BODY_MAX_BYTES = 1024 * 1024;

/** Serves the API, with the faults that are put in force. */
export function serveApi(
  { server, observe }: NotehubOptions,
  answer: (request: ApiRequest) => ApiAnswer,
  log: CallLog,
): ApiFaults {
  const faults = createFaultSwitch<ApiFault>();
  server.serve((request, response) => {
    const started = performance.now();
    const path = pathOf(request.url ?? "");
    log.add(request.method ?? "", path);
    const done = (status: number) => {
      const milliseconds = Math.round(performance.now() - started);
      observe?.({ kind: "call", method: request.method ?? "", path, status, milliseconds });
    };
    // A client that hangs up is no fault of ours, and nothing is left to answer.
    serve(request, response).then(done, () => request.socket.destroy());
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<number> {
    const body = await readAtMost(BODY_MAX_BYTES, request);
    if (body === undefined)
      return reply(response, { status: 413, json: errorBody(413, "request body too big") });
    const { method = "", url = "", headers } = request;
    const fault = faults.next({ method, path: pathOf(url) });
    const call = () => answer({ method, target: url, authorization: headers.authorization, body });
    switch (fault?.kind) {
      case "slow":
        await sleep(fault.milliseconds, undefined, { ref: false });
        return reply(response, call());
      case "late-reply": {
        const answered = call();
        await sleep(fault.milliseconds, undefined, { ref: false });
        return reply(response, answered);
      }
      case "hang":
        return 0;
      case "lose-reply":
        call();
        request.socket.destroy();
        return 0;
      case "reset":
      case "refuse":
        request.socket.destroy();
        return 0;
      case "garbage":
        return end(response.writeHead(200, { "content-type": "application/json" }), '<html>\u0000{"err');
      case "rate-limit": {
        const retryAfterSeconds = fault.retryAfterSeconds;
        return reply(response, {
          status: 429,
          json: errorBody(429, "too many API requests"),
          retryAfterSeconds,
        });
      }
      case "refuse-payload":
        return reply(
          response,
          hasPayload(body)
            ? { status: 400, json: errorBody(400, "notes with a payload are not taken {injected-fault}") }
            : call(),
        );
      case "status":
        return reply(response, { status: fault.status, json: errorBody(fault.status, "injected fault") });
      default:
        return reply(response, call());
    }
  }

  return {
    async inject(fault, scope = {}) {
      faults.set(fault, scope);
      if (fault.kind === "refuse") await server.close();
      else await server.reopen();
    },
    async clear() {
      faults.clear();
      await server.reopen();
    },
  };
}

function pathOf(target: string): string {
  return target.split("?")[0] ?? "";
}

function hasPayload(body: Buffer): boolean {
  return parseJsonObject(body.toString())?.payload !== undefined;
}

function reply(response: ServerResponse, { status, json, retryAfterSeconds }: ApiAnswer): number {
  response.writeHead(status, {
    "content-type": "application/json",
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
  });
  return end(response, json === undefined ? "" : JSON.stringify(json));
}

function end(response: ServerResponse, body: string): number {
  response.end(body);
  return response.statusCode;
}
