import { uriEncode, uriEncodePath } from "./uri-encode.ts";

/** A request as it came over the wire; `headers` holds every value of a repeated header, by lower-case name. */
export type SignedRequest = {
  method: string;
  /** As in the request line, before any decoding. */
  rawPath: string;
  rawQuery: string;
  headers: Readonly<Record<string, readonly string[] | undefined>>;
};

/**
 * The text whose hash is signed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request
 *
 * @throws {URIError} if an escape in path or query is broken.
 */
export function canonicalRequest(
  request: SignedRequest,
  service: string,
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  return [
    request.method,
    service === "s3" ? s3Path(request.rawPath) : normalisedPath(request.rawPath),
    canonicalQuery(request.rawQuery),
    ...signedHeaders.map((name) => `${name}:${canonicalValue(request.headers[name] ?? [])}`),
    "",
    signedHeaders.join(";"),
    payloadHash,
  ].join("\n");
}

/** S3 neither normalises a path nor encodes it twice: `a/../b` is a key of its own. */
function s3Path(rawPath: string): string {
  return uriEncodePath(decodeURIComponent(rawPath));
}

/** For every other service: dot segments and empty ones are removed, and what is encoded is encoded again. */
function normalisedPath(rawPath: string): string {
  const segments: string[] = [];
  for (const segment of rawPath.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  const trailing = segments.length > 0 && /\/\.{0,2}$/.test(rawPath) ? "/" : "";
  return `/${uriEncodePath(segments.join("/"))}${trailing}`;
}

/** Sorted by encoded name, then value; `X-Amz-Signature` cannot sign itself. */
function canonicalQuery(rawQuery: string): string {
  return queryPairs(rawQuery)
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .sort((a, b) => order(a[0], b[0]) || order(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** Parameters in order, decoded once; `+` stays a plus. */
export function queryPairs(rawQuery: string): [name: string, value: string][] {
  return rawQuery
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      return equals < 0
        ? [decodeURIComponent(pair), ""]
        : [decodeURIComponent(pair.slice(0, equals)), decodeURIComponent(pair.slice(equals + 1))];
    });
}

function canonicalValue(values: readonly string[]): string {
  return values.map((value) => value.trim().replace(/ +/g, " ")).join(",");
}

/** By code unit: encoded text is ASCII, and a locale's order is not AWS's. */
function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
