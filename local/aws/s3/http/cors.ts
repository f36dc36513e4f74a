import { matchesWildcard } from "../../iam/wildcard.ts";
import { S3Error } from "../s3-error.ts";
import type { CorsRule } from "../store/buckets.ts";
import type { S3Request } from "./s3-request.ts";

/**
 * The answer to a preflight request. https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
 *
 * @throws {S3Error} `AccessForbidden`, and `BadRequest` for what is no preflight
 */
export function preflightHeaders(rules: readonly CorsRule[], request: S3Request): Record<string, string> {
  const origin = request.header("origin");
  if (origin === undefined || origin === "") {
    throw new S3Error("BadRequest", "Insufficient information. Origin request header needed.");
  }
  const method = request.header("access-control-request-method");
  if (method === undefined) {
    throw new S3Error("BadRequest", "Invalid Access-Control-Request-Method: null");
  }
  const headers = requestedHeaders(request);
  const rule = findRule(rules, origin, method, headers);
  if (rule === undefined) throw new S3Error("AccessForbidden");
  return {
    ...allowHeaders(rule, request),
    ...(headers.length > 0 ? { "access-control-allow-headers": headers.join(", ") } : {}),
    ...(rule.maxAgeSeconds === undefined ? {} : { "access-control-max-age": String(rule.maxAgeSeconds) }),
  };
}

/** What a browser needs to show its page the reply to a cross-origin request. */
export function corsHeaders(rules: readonly CorsRule[], request: S3Request): Record<string, string> {
  if (request.header("origin") === undefined) return {};
  const rule = findRule(rules, request.header("origin"), request.method, []);
  return rule === undefined ? { vary: "Origin" } : allowHeaders(rule, request);
}

function allowHeaders(rule: CorsRule, request: S3Request): Record<string, string> {
  const anyOrigin = rule.origins.includes("*");
  return {
    "access-control-allow-origin": anyOrigin ? "*" : (request.header("origin") ?? ""),
    "access-control-allow-methods": rule.methods.join(", "),
    ...(anyOrigin ? {} : { "access-control-allow-credentials": "true" }),
    ...(rule.expose.length > 0 ? { "access-control-expose-headers": rule.expose.join(", ") } : {}),
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  };
}

function findRule(
  rules: readonly CorsRule[],
  origin: string | undefined,
  method: string,
  headers: readonly string[],
): CorsRule | undefined {
  if (origin === undefined) return undefined;
  return rules.find(
    (rule) =>
      rule.origins.some((pattern) => matchesWildcard(pattern, origin)) &&
      rule.methods.includes(method) &&
      headers.every((name) =>
        rule.headers.some((pattern) => matchesWildcard(pattern.toLowerCase(), name.toLowerCase())),
      ),
  );
}

function requestedHeaders(request: S3Request): string[] {
  const names = (request.header("access-control-request-headers") ?? "").split(",");
  return names.map((name) => name.trim()).filter((name) => name !== "");
}
