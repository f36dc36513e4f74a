/** What a test says of a request; the rest is as a function URL sends it. */
export type EventOptions = {
  method?: string;
  path?: string;
  query?: string;
  headers?: Record<string, string>;
};

/**
 * A function URL's event, payload format 2.0, path and query as they came over the wire.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-request-payload
 */
export function functionUrlEvent({ method = "GET", path = "/", query = "", headers = {} }: EventOptions) {
  const host = "abcdefghij.lambda-url.eu-west-1.on.aws";
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    headers: {
      host,
      accept: "*/*",
      "x-forwarded-proto": "https",
      "x-forwarded-port": "443",
      "x-forwarded-for": "192.0.2.1",
      "user-agent": "noteferry-test",
      ...headers,
    },
    requestContext: {
      accountId: "anonymous",
      apiId: "abcdefghij",
      domainName: host,
      domainPrefix: "abcdefghij",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "noteferry-test" },
      requestId: "3b6b4f6c-5f0e-4a75-9d0b-6c1f3f1f0a11",
      routeKey: "$default",
      stage: "$default",
      time: "21/Nov/2026:04:20:00 +0000",
      timeEpoch: 1795234800000,
    },
    isBase64Encoded: false,
  };
}
