import * as v from "valibot";
import { OperatorError } from "../operator-error.ts";
import type { HttpExchange, HttpReply } from "./http-exchange.ts";

/** Calls of Notehub's API below one project; answers are JSON still to be parsed. */
export type NotehubApi = {
  /** UID of the project, or of a product of it. */
  readonly project: string;
  /** @throws {OperatorError} `auth` if Notehub refuses the token, `not-found` for what it does not have, `fault` for any other answer that is no success. */
  call(method: "GET" | "POST" | "PUT", path: string, body?: unknown): Promise<unknown>;
};

const HOW_TO_STORE = "the output StoreNotehubTokenCommand is the command that stores one";

const HeaderText = v.pipe(v.string(), v.trim(), v.regex(/^[\x21-\x7e]+$/));

/** What the notifier's secret holds: a personal access token, or an OAuth client's credentials. */
const Secret = v.pipe(
  v.string(),
  v.parseJson(),
  v.union([v.object({ token: HeaderText }), v.object({ clientId: HeaderText, clientSecret: HeaderText })]),
);
const TokenReply = v.object({ access_token: HeaderText });
const Err = v.object({ err: v.string() });

/**
 * Opens the API with what the Notehub secret holds.
 *
 * @param secret the secret's text; undefined if it has none yet
 * @throws {OperatorError} `auth` that never shows what the secret holds.
 */
export async function openNotehubApi(
  exchange: HttpExchange,
  { url, project, secret }: { url: string; project: string; secret: string | undefined },
  signal: AbortSignal,
): Promise<NotehubApi> {
  const parsed = v.safeParse(Secret, secret);
  if (!parsed.success) {
    throw new OperatorError(
      "auth",
      secret === undefined
        ? `no Notehub token is stored: ${HOW_TO_STORE}`
        : `the Notehub secret holds no token: ${HOW_TO_STORE}`,
    );
  }
  const held = parsed.output;
  const token = "token" in held ? held.token : await requestToken(exchange, url, held, signal);
  return {
    project,
    async call(method, path, body) {
      const reply = await exchange(
        `${url}/v1/projects/${encodeURIComponent(project)}${path}`,
        {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            accept: "application/json",
            "content-type": "application/json",
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        },
        signal,
      );
      return readReply(reply, `${method} ${path}`);
    },
  };
}

/** RFC 6749 §4.4. */
async function requestToken(
  exchange: HttpExchange,
  url: string,
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
  signal: AbortSignal,
): Promise<string> {
  const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
  const headers = { "content-type": "application/x-www-form-urlencoded", accept: "application/json" };
  const body = new URLSearchParams(form).toString();
  const reply = await exchange(`${url}/oauth2/token`, { method: "POST", headers, body }, signal);
  if (reply.status >= 400 && reply.status < 500 && reply.status !== 429) {
    throw new OperatorError(
      "auth",
      `Notehub refuses the client credentials of the Notehub secret (${reply.status}): ${HOW_TO_STORE}`,
    );
  }
  const parsed = v.safeParse(TokenReply, readReply(reply, "POST /oauth2/token"));
  if (parsed.success) return parsed.output.access_token;
  throw new OperatorError("fault", "Notehub's token reply holds no token");
}

function readReply({ status, text }: HttpReply, what: string): unknown {
  const json = parseJson(text);
  const said = v.is(Err, json) ? `: ${json.err.slice(0, 300)}` : "";
  if (status === 401 || status === 403) {
    throw new OperatorError(
      "auth",
      `Notehub refuses the token of the Notehub secret for ${what} (${status})${said}: ${HOW_TO_STORE}`,
    );
  }
  if (status < 200 || status > 299 || json === undefined) {
    const mayPass = status === 429 || status >= 500;
    const code = status === 404 ? "not-found" : "fault";
    throw new OperatorError(code, `Notehub answered ${status} to ${what}${said}`, { mayPass });
  }
  return json;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
