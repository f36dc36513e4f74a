import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { ApiError } from "./api-error.ts";

/** Seconds that a token from `/oauth2/token` lives. https://dev.blues.io/api-reference/notehub-api/authorization-api/ */
const OAUTH_TOKEN_SECONDS = 1800;

/** Who may call: holders of a personal access token, or of a token that the OAuth client got for its secret. */
export type Access = {
  /** @throws {ApiError} 401 */
  check(authorization: string | undefined): void;
  /** Answers the form of a `POST /oauth2/token`: RFC 6749 §4.4, errors as in §5.2. */
  exchange(form: URLSearchParams): { status: number; json: object };
};

/** @param now epoch seconds */
export function createAccess(
  tokens: string[],
  client: { clientId: string; clientSecret: string } | undefined,
  now: () => number,
): Access {
  const issued = new Map<string, number>();
  return {
    check(authorization) {
      const token = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
      if (token === undefined) throw new ApiError(401, "no bearer token");
      const lives = (issued.get(token) ?? 0) > now();
      if (!lives && !tokens.some((known) => same(known, token)))
        throw new ApiError(401, "invalid bearer token");
    },
    exchange(form) {
      if (form.get("grant_type") !== "client_credentials") return refused(400, "unsupported_grant_type");
      const known =
        client !== undefined &&
        same(client.clientId, form.get("client_id") ?? "") &&
        same(client.clientSecret, form.get("client_secret") ?? "");
      if (!known) return refused(401, "invalid_client");
      const token = randomBytes(24).toString("base64url");
      issued.set(token, now() + OAUTH_TOKEN_SECONDS);
      return {
        status: 200,
        json: { access_token: token, token_type: "bearer", expires_in: OAUTH_TOKEN_SECONDS, scope: "" },
      };
    },
  };
}

function refused(status: number, error: string) {
  return { status, json: { error, error_description: "the token request was refused" } };
}

function same(left: string, right: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
