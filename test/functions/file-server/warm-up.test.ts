import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { captureStdio } from "../../support/capture-stdio.ts";
import { hangUp } from "./support/aws-stand-in.ts";
import { type FileServerUnderTest, startFileServer } from "./support/file-server-under-test.ts";

let server: FileServerUnderTest;
beforeEach(async () => {
  server = await startFileServer("INFO");
  server.aws.put("f", "content of the file");
});
afterEach(() => server.close());

const call = () => captureStdio(() => server.call({ query: "file=f" }));
const secretRead = () => vi.waitFor(() => expect(server.aws.secretRequests).toHaveLength(1));

test("the tokens are read while the environment starts, once, and S3 is asked for nothing yet", async () => {
  server.warmUp();
  await secretRead();
  expect(server.aws.s3Requests).toEqual([]);
  expect((await call()).result.statusCode).toBe(200);
  expect((await call()).result.statusCode).toBe(200);
  expect([server.aws.secretRequests.length, server.aws.s3Requests.length]).toEqual([1, 2]);
});

test("a connection to each bucket is opened meanwhile, and the first request goes over it", async () => {
  server.warmUp();
  await vi.waitFor(() => expect(server.aws.connections).toBe(3)); // with that of the tokens
  expect((await call()).result.statusCode).toBe(200);
  const path = `/packed/${"a".repeat(43)}`;
  const { result } = await captureStdio(() => server.call({ path }));
  expect([result.statusCode, server.aws.connections]).toEqual([404, 3]);
});

test("a request that comes before the tokens do waits for them, and reads no others", async () => {
  server.warmUp();
  expect((await call()).result.statusCode).toBe(200);
  expect([server.aws.secretRequests.length, server.aws.s3Requests.length]).toEqual([1, 1]);
});

test("[NF-7.3] a read that failed meanwhile is told to nobody, and the first request's own read counts", async () => {
  server.aws.secretFaults = [hangUp];
  server.warmUp();
  await secretRead();
  await new Promise(setImmediate); // here a rejection that nobody handles would end the process
  const { result, written } = await call();
  expect([result.statusCode, written]).toEqual([200, ""]);
  expect(server.aws.secretRequests).toHaveLength(2);
});

test("[NF-7.1] a secret that is not there at the start lets nobody in, and is told with the request", async () => {
  server.aws.secret = "not JSON";
  server.warmUp();
  await secretRead();
  const { result, written } = await call();
  expect(result.statusCode).toBe(503);
  expect(written).toMatch(/"message":"request failed".*the token secret is not/);
  expect(server.aws.s3Requests).toEqual([]);
});
