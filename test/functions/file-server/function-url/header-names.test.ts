import { expect, test } from "vitest";
import { LARGE, serverForAllTests } from "../support/doors.ts";

const server = await serverForAllTests();

/** As coreHTTP before 2.0.2 and FreeRTOS's IotHttpsClient look for them, letter by letter. */
const USUAL = [
  ...["Accept-Ranges", "Allow", "Content-Length", "Content-Range", "Content-Type", "ETag"],
  ...["Last-Modified", "Retry-After", "WWW-Authenticate"],
];

test("[NF-5.8] header names of every kind of reply have their usual spelling", async () => {
  server.aws.put("f", "content");
  server.aws.put("large", LARGE);
  const requests: [status: number, request: Parameters<typeof server.call>[0]][] = [
    [200, { query: "file=f" }],
    [200, { path: "/sample", query: "file=f" }],
    [200, { path: "/files/f" }],
    [200, { path: "/files/f", method: "HEAD" }],
    [206, { path: "/files/f", headers: { range: "bytes=0-0" } }],
    [304, { path: "/files/f", headers: { "if-none-match": "*" } }],
    [400, { path: "/" }],
    [401, { path: "/files/f", token: "" }],
    [404, { path: "/files/g" }],
    [405, { path: "/files/f", method: "PUT" }],
    [412, { path: "/files/f", query: "etag=0" }],
    [413, { path: "/files/large" }],
    [416, { path: "/files/f", headers: { range: "bytes=9-" } }],
    [503, { path: "/files/f" }], // the last, for S3 hangs up then
  ];
  const seen = new Set<string>();
  for (const [status, request] of requests) {
    if (status === 503)
      server.aws.s3Faults = [({ socket }) => socket.destroy(), ({ socket }) => socket.destroy()];
    const reply = await server.call(request);
    expect(reply.statusCode, JSON.stringify(request)).toBe(status);
    for (const name of Object.keys(reply.headers)) seen.add(name);
  }
  expect([...seen].sort()).toEqual(USUAL);
});
