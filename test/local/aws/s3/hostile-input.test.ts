import { readdirSync, readFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { dataFolder, FILES, openS3, ROOT } from "./support/local-s3.ts";
import { signedRequest } from "./support/signed-request.ts";

const SOURCES = path.join(import.meta.dirname, "../../../../local/aws/s3");

/** Every name that the server reads, found where it reads it, so that a new one is tried without being listed here. */
function namesRead(pattern: RegExp): string[] {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  const sources = files.map((file) => readFileSync(path.join(SOURCES, file), "utf8"));
  return [
    ...new Set(sources.flatMap((source) => [...source.matchAll(pattern)].map(([, name]) => name ?? ""))),
  ];
}

const PARAMETERS = [
  ...namesRead(/query\.(?:get|has)\("([^"]+)"/g),
  ...namesRead(/"(?:bucket|object)\.([\w-]+)(?:\.copy)?": \{/g),
  ...[
    "max-uploads",
    "max-parts",
    "max-buckets",
    "max-keys",
    "x-amz-acl",
    "x-amz-tagging",
    "x-amz-storage-class",
  ],
  ...[
    "content-type",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
  ].map((name) => `response-${name}`),
  ...[
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
  ],
  ...["X-Amz-Security-Token", "x-amz-meta-a", "x-amz-meta-%0A", "%00", "__proto__", "constructor"],
];
const HEADERS = [
  ...namesRead(/header\("([^"]+)"/g),
  ...namesRead(/"(x-amz-[a-z0-9-]+[a-z0-9])"/g),
  ...[
    "if-modified-since",
    "if-unmodified-since",
    "x-amz-copy-source-if-match",
    "x-amz-checksum-crc32",
    "x-amz-mfa",
  ],
  ...[
    "x-amz-copy-source-if-modified-since",
    "x-amz-tagging-directive",
    "x-amz-meta-__proto__",
    "accept",
    "te",
  ],
  ...[
    "x-amz-server-side-encryption",
    "x-amz-expected-bucket-owner",
    "x-amz-security-token",
    "upgrade",
    "via",
  ],
].filter((name) => !["content-length", "expect", "host", "x-amz-content-sha256"].includes(name));

const QUERY_VALUES = [
  ..."|%00|a%0Ab|a%0D%0AX:%20y|%7F|%C2%85|%EF%BF%BF|%F0%9F%92%A9|%E2%80%A8|%ff|%|%zz|+|%2B|..%2F..|null|-1|0|1".split(
    "|",
  ),
  ..."1e99|NaN|99999999999999999999|2147483648|url|%22|%3Cx%3E|a=b|%2A|[]|undefined|\u007f"
    .split("|")
    .slice(0, -1),
  "9".repeat(400),
  "x".repeat(2000),
];
const HEADER_VALUES = [
  ...[
    "",
    " ",
    "\t",
    "\u00ff\u00fe",
    "\u0080",
    "-1",
    "0",
    "NaN",
    "1e99",
    "9".repeat(400),
    "x".repeat(3000),
    '"',
    '"*"',
    "*",
  ],
  ...[
    "a,b",
    ",",
    ";",
    "bytes=",
    "bytes=9-1",
    "bytes=0-0,2-2",
    "bytes=-0",
    `bytes=${"9".repeat(400)}-`,
    "%00",
    "%0A",
    "%",
  ],
  ...[
    "/files/object?versionId=%00",
    "/files/object?versionId=a b",
    "/files/object",
    "/\u00e9/\u00e9",
    "COPY",
    "REPLACE",
  ],
  ...[
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Thu, 99 Jan 99999 00:00:00 GMT",
    "__proto__",
    "CRC32",
    "AES256",
    "aws:kms",
    "true",
  ],
  ...[
    "AAAAAA==",
    "AAAAAAAAAAAAAAAAAAAAAA==",
    "multipart/form-data; boundary=",
    "chunked",
    "gzip",
    "h2c",
    "a=b&a=b&%ff",
  ],
];
const OPERATIONS: [method: string, target: string, body?: string][] = [
  ...["GET /", "GET /files", "GET /files?list-type=2", "GET /files?versions", "GET /files?uploads"].map(
    (line): [string, string] => [line.split(" ")[0] ?? "", line.split(" ")[1] ?? ""],
  ),
  ["HEAD", "/files"],
  ["PUT", "/files"],
  ["GET", "/files/object"],
  ["HEAD", "/files/object"],
  ["PUT", "/files/object", "bytes"],
  ["DELETE", "/files/gone"],
  ["GET", "/files/object?tagging"],
  ["GET", "/files/object?attributes"],
  ["POST", "/files/object?uploads"],
  ["PUT", "/files/object?uploadId=x&partNumber=1", "bytes"],
  ["GET", "/files/object?uploadId=x"],
  ["POST", "/files/object?uploadId=x", "<CompleteMultipartUpload/>"],
  ["DELETE", "/files/object?uploadId=x"],
  ["POST", "/files", "--b--"],
  ["POST", "/files?delete", "<Delete><Object><Key>x</Key><VersionId>&#0;</VersionId></Object></Delete>"],
  ["OPTIONS", "/files/object"],
];

async function open() {
  const faults: unknown[] = [];
  const server = await openS3(await dataFolder(), { report: (fault) => void faults.push(fault) });
  server.provisionBucket(FILES);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
  const send = (request: Parameters<typeof signedRequest>[2]) => signedRequest(server, ROOT, request, agent);
  await send({ method: "PUT", target: "/files/object", body: "bytes" });
  return { server, faults, send, [Symbol.asyncDispose]: async () => agent.destroy() };
}

test.each(["%00", "a%0Ab", "%0D%0A", "%7F", "%E2%82%AC", "a%20b", "%22", ""])(
  "versionId=%s is refused: it cannot come back in a header",
  async (versionId) => {
    await using s3 = await open();
    for (const method of ["GET", "HEAD", "DELETE"]) {
      const reply = await s3.send({ method, target: `/files/object?versionId=${versionId}` });
      expect(reply.status, method).toBe(400);
    }
    const named = decodeURIComponent(versionId);
    if (/^[ -~]*$/.test(named)) {
      const headers = { "x-amz-copy-source": `/files/object?versionId=${named}` };
      expect((await s3.send({ method: "PUT", target: "/files/copy", headers })).status).toBe(400);
    }
    expect(s3.faults).toEqual([]);
  },
);

test("no value of any parameter or header cuts a connection, or is told as the server's fault", async () => {
  expect(PARAMETERS.length).toBeGreaterThan(50);
  expect(HEADERS.length).toBeGreaterThan(50);
  await using s3 = await open();
  const parameter = fc.tuple(fc.constantFrom(...PARAMETERS), fc.constantFrom(...QUERY_VALUES));
  const header = fc.tuple(fc.constantFrom(...HEADERS), fc.constantFrom(...HEADER_VALUES));
  const request = fc.tuple(
    fc.constantFrom(...OPERATIONS),
    fc.array(parameter, { maxLength: 2 }),
    fc.array(header, { maxLength: 2 }),
  );
  const attempt = async ([[method, target, body], parameters, headers]: [
    (typeof OPERATIONS)[number],
    (readonly [string, string])[],
    (readonly [string, string])[],
  ]) => {
    const added = parameters.map(([name, value]) => `${name}=${value}`).join("&");
    const separator = added === "" ? "" : target.includes("?") ? "&" : "?";
    const reply = await s3.send({
      method,
      target: `${target}${separator}${added}`,
      headers: Object.fromEntries(headers),
      ...(body === undefined ? {} : { body }),
    });
    expect(reply.status < 500 || reply.status === 501, `${reply.status}`).toBe(true);
  };
  const pick = <T>(values: readonly T[], index: number): T[] =>
    values.slice(index % values.length).slice(0, 1);
  const each: Parameters<typeof attempt>[0][] = OPERATIONS.flatMap((operation, o) => [
    ...PARAMETERS.map((name, i): Parameters<typeof attempt>[0] => [
      operation,
      pick(QUERY_VALUES, o * 7 + i).map((value) => [name, value] as const),
      [],
    ]),
    ...HEADERS.map((name, i): Parameters<typeof attempt>[0] => [
      operation,
      [],
      pick(HEADER_VALUES, o * 7 + i).map((value) => [name, value] as const),
    ]),
  ]);
  for (let i = 0; i < each.length; i += 32) await Promise.all(each.slice(i, i + 32).map(attempt));
  await fc.assert(fc.asyncProperty(request, attempt), { numRuns: 200 });
  expect(s3.faults).toEqual([]);
});

test("a client that takes the server for a proxy is refused, not cut off", async () => {
  await using s3 = await open();
  const request = http.request({
    port: s3.server.port,
    host: "127.0.0.1",
    method: "CONNECT",
    path: "example.com:443",
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  request
    .on("connect", (reply) => resolve(reply.statusCode))
    .on("error", reject)
    .end();
  expect(await promise).toBe(405);
});
