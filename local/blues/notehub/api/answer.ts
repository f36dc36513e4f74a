import type { Hub } from "../hub.ts";
import type { Access } from "./access.ts";
import { ApiError, errorBody } from "./api-error.ts";
import type { CallCounter } from "./call-counter.ts";
import { findHandler } from "./dispatch.ts";

/** A request to the API as it came in: `target` is the raw request target, undecoded. */
export type ApiRequest = { method: string; target: string; authorization: string | undefined; body: Buffer };

export type ApiAnswer = { status: number; json?: unknown; retryAfterSeconds?: number | undefined };

/** Answers a request; never throws. */
export function createAnswer(hub: Hub, access: Access, counter: CallCounter) {
  return (request: ApiRequest): ApiAnswer => {
    try {
      return answer(request);
    } catch (error) {
      const known = error instanceof ApiError ? error : new ApiError(500, "internal error");
      const { status, message, retryAfterSeconds } = known;
      return { status, json: errorBody(status, message), retryAfterSeconds };
    }
  };

  function answer({ method, target, authorization, body }: ApiRequest): ApiAnswer {
    const [rawPath = "", ...rawQuery] = target.split("?");
    const wait = counter.count();
    if (wait !== undefined) throw new ApiError(429, "too many API requests", wait);
    if (rawPath === "/oauth2/token") {
      if (method !== "POST") throw new ApiError(405, `method ${method} not allowed`);
      return access.exchange(new URLSearchParams(body.toString()));
    }
    access.check(authorization);
    const { handler, params } = findHandler(method, decodePath(rawPath));
    const project = params.projectOrProductUID ?? params.productUID;
    if (project !== undefined && project !== hub.options.projectUid && project !== hub.options.productUid) {
      throw new ApiError(404, `project ${project} not found {app-noexist}`);
    }
    const query = new URLSearchParams(rawQuery.join("?"));
    return { status: 200, ...handler({ hub, params, query, body: decodeBody(body) }) };
  }
}

function decodePath(rawPath: string): string[] {
  try {
    return rawPath.split("/").slice(1).map(decodeURIComponent);
  } catch (cause) {
    throw new ApiError(400, "the path has a broken percent escape {syntax}", undefined, { cause });
  }
}

function decodeBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new ApiError(400, "the request body is not JSON {not-json}", undefined, { cause });
  }
}
