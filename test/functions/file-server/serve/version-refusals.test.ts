import { afterAll, beforeAll, expect, test } from "vitest";
import { type Answer, s3Error } from "../support/aws-stand-in.ts";
import { type FileServerUnderTest, startFileServer } from "../support/file-server-under-test.ts";

let server: FileServerUnderTest;
beforeAll(async () => {
  server = await startFileServer();
});
afterAll(() => server.close());

const statusOnly = (status: number): Answer => {
  return (_request, response) => response.writeHead(status).end();
};

/** What a request for a version, by GET or HEAD, gets if S3 answers like this. */
async function statusOf(fault: Answer, query: string, method: "GET" | "HEAD" = "GET") {
  server.aws.s3Requests.length = 0;
  server.aws.s3Faults = [fault];
  const { statusCode } = await server.call({ path: "/files/f", query, method });
  server.aws.s3Faults = [];
  expect(server.aws.s3Requests.map(({ url }) => url)).toEqual([
    `/files-bucket/f${query === "" ? "" : "?versionId=v1.a%2Fb%26c"}`,
  ]);
  return statusCode;
}

const VERSION = "version=v1.a/b%26c";

test.each([
  [400, "InvalidArgument"],
  [404, "NoSuchVersion"],
  [404, "NoSuchKey"],
  [405, "MethodNotAllowed"],
])("[NF-3.10] where S3 says %i %s, the version is not there", async (status, code) => {
  expect(await statusOf(s3Error(status, code), VERSION)).toBe(404);
  expect(await statusOf(statusOnly(status), VERSION, "HEAD")).toBe(404);
});

test.each([
  [400, "ExpiredToken"],
  [400, "AuthorizationHeaderMalformed"],
  [400, "RequestTimeout"],
  [403, "AccessDenied"],
  [404, "NoSuchBucket"],
])("[NF-3.10] [NF-6.4] where S3 says %i %s, nothing is said of the version", async (status, code) => {
  expect(await statusOf(s3Error(status, code), VERSION)).toBe(503);
});

test("[NF-3.10] what S3 says of versions is a fault where none was asked for", async () => {
  for (const method of ["GET", "HEAD"] as const) {
    expect(await statusOf(statusOnly(400), "", method)).toBe(503);
    expect(await statusOf(s3Error(405, "MethodNotAllowed"), "", method)).toBe(503);
  }
});
