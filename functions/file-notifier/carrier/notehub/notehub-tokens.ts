import * as v from "valibot";
import { RetryLater, UNAUTHORIZED } from "../../outcome/retry-later.ts";
import type { HttpExchange } from "./http-exchange.ts";
import { type NotehubReply, readReply } from "./notehub-reply.ts";

/** Bearer tokens for the Notehub API. */
export type NotehubTokens = {
  current(signal: AbortSignal): Promise<string>;
  /** Says that Notehub refused this token: the secret is read again before another is given. */
  refuse(token: string): void;
};

/** Text that can be a header's value; pasted secrets tend to end in a line break. */
const HeaderText = v.pipe(v.string(), v.trim(), v.regex(/^[\x21-\x7e]+$/));
const Secret = v.union([
  v.object({ token: HeaderText }),
  v.object({ clientId: HeaderText, clientSecret: HeaderText }),
]);
const TokenReply = v.object({
  access_token: HeaderText,
  expires_in: v.pipe(v.number(), v.minValue(0)),
});

const SECRET_TTL_MS = 300_000;
/** A token is given up this long before it expires. */
const EXPIRY_MARGIN_MS = 300_000;

/**
 * Tokens from a secret that holds either a token or client credentials, which are exchanged for one (RFC 6749 §4.4).
 * Kept until shortly before they expire; however many ask at once, the secret is read once.
 *
 * @param readSecret the secret's text; undefined if it has none yet
 */
export function createNotehubTokens({
  exchange,
  url,
  readSecret,
  now,
}: {
  exchange: HttpExchange;
  /** Origin, without a trailing slash. */
  url: string;
  readSecret: () => Promise<string | undefined>;
  now: () => number;
}): NotehubTokens {
  let kept: { token: string; until: number } | undefined;
  let renewal: Promise<string> | undefined;

  return {
    async current(signal) {
      if (kept !== undefined && now() < kept.until) return kept.token;
      renewal ??= renew(signal).finally(() => {
        renewal = undefined;
      });
      return await renewal;
    },
    refuse(token) {
      if (kept?.token === token) kept = undefined; // another may have renewed it meanwhile
    },
  };

  async function renew(signal: AbortSignal): Promise<string> {
    const secret = parseSecret(await readSecret());
    if ("token" in secret) {
      kept = { token: secret.token, until: now() + SECRET_TTL_MS };
      return secret.token;
    }
    const requested = now();
    const granted = await requestToken(secret, signal);
    kept = { token: granted.access_token, until: requested + granted.expires_in * 1000 - EXPIRY_MARGIN_MS };
    return granted.access_token;
  }

  async function requestToken(secret: { clientId: string; clientSecret: string }, signal: AbortSignal) {
    const { clientId, clientSecret } = secret;
    const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
    const reply = await exchange(
      `${url}/oauth2/token`,
      {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
        body: new URLSearchParams(form).toString(),
      },
      signal,
    );
    if (refusesCredentials(reply)) throw unauthorized("Notehub refused the client credentials");
    const parsed = v.safeParse(TokenReply, readReply(reply, now()));
    if (parsed.success) return parsed.output;
    throw new RetryLater("notehub-unreadable", "Notehub's token reply holds no token", { fate: "unsent" });
  }
}

/** Its errors say nothing of what the secret holds. */
function parseSecret(text: string | undefined): v.InferOutput<typeof Secret> {
  let json: unknown;
  try {
    json = JSON.parse(text ?? "");
  } catch {
    throw unauthorized("the Notehub secret is empty or not JSON");
  }
  const parsed = v.safeParse(Secret, json);
  if (parsed.success) return parsed.output;
  throw unauthorized('the Notehub secret is neither {"token"} nor {"clientId","clientSecret"}');
}

/**
 * RFC 6749 §5.2: wrong credentials are a 400 or a 401. No 4xx of this endpoint says anything about a file, so none may
 * send one to the dead-letter queue; 408 and 429 only ask for patience.
 */
function refusesCredentials({ status }: NotehubReply): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

function unauthorized(sentence: string): RetryLater {
  return new RetryLater(UNAUTHORIZED, sentence, { fate: "unsent" });
}
