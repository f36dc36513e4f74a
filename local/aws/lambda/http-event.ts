/** A request as it came over the wire. */
export type WireRequest = {
  method: string;
  /** Path and query, byte for byte. */
  target: string;
  httpVersion: string;
  /** Names and values in turn, as Node gives them. */
  rawHeaders: readonly string[];
  body: Buffer;
  sourceIp: string;
};

export type UrlIdentity = { urlId: string; accountId: string };

/** Headers about one connection, which the function does not get. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"]);

/** Media types that Lambda hands over as text; everything else is base64. */
const TEXT_TYPE = /^(text\/.*|application\/(json|javascript|xml|.*\+json|.*\+xml))$/;

/**
 * The event of a function URL, payload format 2.0. Path and query stay percent-encoded as they came.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
export function toHttpEvent(request: WireRequest, url: UrlIdentity, requestId: string, now: Date) {
  const [rawPath, rawQueryString] = splitTarget(request.target);
  const headers = joinHeaders(request.rawHeaders);
  const cookies = headers.cookie?.split(/; */).filter((cookie) => cookie !== "");
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    cookies,
    headers: {
      ...headers,
      "x-forwarded-for": request.sourceIp,
      "x-forwarded-port": "443",
      "x-forwarded-proto": "https",
    },
    queryStringParameters: rawQueryString === "" ? undefined : joinParameters(rawQueryString),
    requestContext: {
      accountId: url.accountId,
      apiId: url.urlId,
      domainName: headers.host ?? "",
      domainPrefix: url.urlId,
      http: {
        method: request.method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId,
      routeKey: "$default",
      stage: "$default",
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...bodyMembers(request.body, headers),
  };
}

function splitTarget(target: string): [path: string, query: string] {
  const mark = target.indexOf("?");
  return mark < 0 ? [target, ""] : [target.slice(0, mark), target.slice(mark + 1)];
}

function joinHeaders(rawHeaders: readonly string[]): Record<string, string> {
  const joined = new Map<string, string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    const value = rawHeaders[at + 1] ?? "";
    const before = joined.get(name);
    const separator = name === "cookie" ? "; " : ",";
    if (!HOP_BY_HOP.has(name)) {
      joined.set(name, before === undefined ? value : `${before}${separator}${value}`);
    }
  }
  return Object.fromEntries(joined);
}

function joinParameters(query: string): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(joined);
}

function bodyMembers(
  body: Buffer,
  headers: Readonly<Record<string, string>>,
): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const [mediaType = ""] = (headers["content-type"] ?? "").split(";");
  const plain = headers["content-encoding"] === undefined && TEXT_TYPE.test(mediaType.trim().toLowerCase());
  const text = body.toString("utf8");
  // Text that is not UTF-8 would not survive as a JSON string.
  return plain && Buffer.from(text, "utf8").equals(body)
    ? { body: text, isBase64Encoded: false }
    : { body: body.toString("base64"), isBase64Encoded: true };
}

/** Such as `12/Mar/2020:19:03:58 +0000`. */
function commonLogTime(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}
