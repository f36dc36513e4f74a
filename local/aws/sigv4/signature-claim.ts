import { parseAmzDate } from "./amz-date.ts";
import { queryPairs, type SignedRequest } from "./canonical-request.ts";
import { SignatureError } from "./signature-error.ts";
import type { CredentialScope } from "./signing-key.ts";

/** What a request says about its own signature; nothing of it is verified yet. */
export type SignatureClaim = {
  accessKeyId: string;
  scope: CredentialScope;
  amzDate: string;
  /** Milliseconds since 1970 of `amzDate`. */
  signedAt: number;
  /** Milliseconds since 1970; only a presigned request says when it expires. */
  expiresAt?: number;
  signedHeaders: string[];
  signature: string;
  sessionToken: string | undefined;
  /** The hash of the body that S3's clients declare, or a word such as `UNSIGNED-PAYLOAD`. */
  payloadHash: string | undefined;
};

const ALGORITHM = "AWS4-HMAC-SHA256";
const LONGEST_PRESIGNED_S = 604_800; // seven days: the signing key lives no longer

/**
 * Reads the claim from the Authorization header or from the query of a presigned request.
 *
 * @throws {SignatureError} `missing` or `malformed`.
 */
export function readSignatureClaim(request: SignedRequest): SignatureClaim {
  const query = amzParameters(request.rawQuery);
  if (query.has("X-Amz-Signature") || query.has("X-Amz-Algorithm")) {
    return claimOfQuery(query, request.headers["x-amz-content-sha256"]?.[0]);
  }
  if (query.has("AWSAccessKeyId")) throw oldVersion(); // Signature Version 2, which version 1 of the AWS CLI presigns with
  const authorization = request.headers.authorization?.[0];
  if (authorization === undefined) throw new SignatureError("missing", "the request is not signed");
  return claimOfHeader(authorization, request);
}

function claimOfHeader(authorization: string, request: SignedRequest): SignatureClaim {
  const [algorithm, rest] = splitAt(authorization, " ");
  if (algorithm !== ALGORITHM) throw oldVersion();
  const fields = new Map(rest.split(",").map((field) => splitAt(field.trim(), "=")));
  return {
    ...parseCredential(fields.get("Credential")),
    ...parseDate(request.headers["x-amz-date"]?.[0]),
    signedHeaders: parseSignedHeaders(fields.get("SignedHeaders")),
    signature: fields.get("Signature") ?? "",
    sessionToken: request.headers["x-amz-security-token"]?.[0],
    payloadHash: request.headers["x-amz-content-sha256"]?.[0],
  };
}

function claimOfQuery(query: ReadonlyMap<string, string>, contentSha256: string | undefined): SignatureClaim {
  if (query.get("X-Amz-Algorithm") !== ALGORITHM) throw malformed("X-Amz-Algorithm is not AWS4-HMAC-SHA256");
  const seconds = query.get("X-Amz-Expires") ?? "";
  if (!/^\d{1,6}$/.test(seconds) || Number(seconds) > LONGEST_PRESIGNED_S) {
    throw malformed("X-Amz-Expires is not a number of seconds up to seven days");
  }
  const date = parseDate(query.get("X-Amz-Date"));
  return {
    ...parseCredential(query.get("X-Amz-Credential")),
    ...date,
    expiresAt: date.signedAt + Number(seconds) * 1000,
    signedHeaders: parseSignedHeaders(query.get("X-Amz-SignedHeaders")),
    signature: query.get("X-Amz-Signature") ?? "",
    sessionToken: query.get("X-Amz-Security-Token"),
    payloadHash: query.get("X-Amz-Content-Sha256") ?? contentSha256,
  };
}

/** A repeated parameter could be read one way here and another way by the operation. */
function amzParameters(rawQuery: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const [name, value] of queryPairs(rawQuery)) {
    if (!name.startsWith("X-Amz-") && name !== "AWSAccessKeyId") continue;
    if (parameters.has(name)) throw malformed(`${name} is given twice`);
    parameters.set(name, value);
  }
  return parameters;
}

/** `<access key id>/<date>/<region>/<service>/aws4_request`; the id itself may contain slashes. */
export function parseCredential(text: string | undefined): { accessKeyId: string; scope: CredentialScope } {
  const [, accessKeyId, date, region, service] =
    /^(.+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(text ?? "") ?? [];
  if (accessKeyId === undefined || date === undefined || region === undefined || service === undefined) {
    throw malformed("the Credential is not <key id>/<date>/<region>/<service>/aws4_request");
  }
  return { accessKeyId, scope: { date, region, service } };
}

function parseDate(text: string | undefined): { amzDate: string; signedAt: number } {
  const signedAt = parseAmzDate(text ?? "");
  if (text === undefined || signedAt === undefined) {
    throw malformed("X-Amz-Date is not a date such as 20130524T000000Z");
  }
  return { amzDate: text, signedAt };
}

function parseSignedHeaders(text: string | undefined): string[] {
  const names = (text ?? "").split(";");
  if (!names.includes("host")) throw malformed("SignedHeaders does not include host");
  return names;
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}

function oldVersion(): SignatureError {
  const message =
    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
  return malformed(message);
}

function malformed(message: string): SignatureError {
  return new SignatureError("malformed", message);
}
