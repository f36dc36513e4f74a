import { once } from "node:events";
import { request } from "node:https";
import { connect as connectTls } from "node:tls";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import fc from "fast-check";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { AwsError } from "../../../../local/aws/aws-json/aws-error.ts";
import type { Operations } from "../../../../local/aws/aws-json/operation.ts";
import type { AccessRequest, Authorize } from "../../../../local/aws/iam/authorize.ts";
import { CREDENTIAL, localEndpoint } from "./support/local-endpoint.ts";

const LIST: Operations = {
  "AmazonSQS.ListQueues": {
    action: "sqs:ListQueues",
    resource: () => "arn:aws:sqs:us-east-1:000000000000:*",
    run: () => ({ QueueUrls: ["https://localhost/000000000000/work"] }),
  },
};

async function sqsWith(operations: Operations, options: { authorize?: Authorize; config?: object } = {}) {
  const endpoint = await localEndpoint(operations, options.authorize);
  const sqs = new SQSClient({ ...endpoint.clientConfig, ...options.config });
  onTestFinished(() => sqs.destroy());
  return { endpoint, list: () => sqs.send(new ListQueuesCommand({})) };
}

/** A request without the SDK's help. */
function post(
  endpoint: Awaited<ReturnType<typeof localEndpoint>>,
  body: string | Buffer,
  headers: Record<string, string> = {},
  path = "/",
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const agent = endpoint.clientConfig.requestHandler.httpsAgent;
    const outgoing = request(endpoint.url, { agent, method: "POST", path, headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

describe("the signature", () => {
  test("of a known key is accepted", async () => {
    const { list } = await sqsWith(LIST);
    expect((await list()).QueueUrls).toHaveLength(1);
  });

  test.each([
    [
      "another secret",
      { credentials: { ...CREDENTIAL, secretAccessKey: "other" } },
      "InvalidSignatureException",
    ],
    [
      "an unknown key",
      { credentials: { ...CREDENTIAL, accessKeyId: "AKIDOTHER" } },
      "UnrecognizedClientException",
    ],
    ["another session", { credentials: { ...CREDENTIAL, sessionToken: "x" } }, "UnrecognizedClientException"],
    ["another region", { region: "eu-west-1" }, "InvalidSignatureException"],
  ])("with %s is refused, without a secret in the error", async (_, config, name) => {
    const { list } = await sqsWith(LIST, { config });
    const error = await list().catch((thrown) => thrown);
    expect(error).toMatchObject({ name, $metadata: { httpStatusCode: 403 } });
    expect(error.message).not.toContain(CREDENTIAL.secretAccessKey);
  });

  test("is over the body: another body is refused", async () => {
    const { endpoint } = await sqsWith(LIST);
    const sqs = new SQSClient(endpoint.clientConfig);
    sqs.middlewareStack.add(
      (next) => async (args) => {
        Object.assign(args.request as object, { body: Buffer.from("[]") }); // as long as the {} that was signed
        return next(args);
      },
      { step: "finalizeRequest", priority: "low" },
    );
    onTestFinished(() => sqs.destroy());
    await expect(sqs.send(new ListQueuesCommand({}))).rejects.toMatchObject({
      name: "InvalidSignatureException",
    });
  });

  test("must be there", async () => {
    const { endpoint } = await sqsWith(LIST);
    const reply = await post(endpoint, "{}", { "x-amz-target": "AmazonSQS.ListQueues" });
    expect(reply.status).toBe(403);
    expect(JSON.parse(reply.body).__type).toBe(
      "com.amazon.coral.service#MissingAuthenticationTokenException",
    );
  });
});

test("what the caller may do is asked for the operation's action and resource, over a secure connection", async () => {
  const asked: AccessRequest[] = [];
  const run = vi.fn();
  const { list } = await sqsWith(
    { "AmazonSQS.ListQueues": { action: "sqs:ListQueues", resource: () => "arn:some", run } },
    {
      authorize: (request) => {
        asked.push(request);
        return false;
      },
    },
  );
  await expect(list()).rejects.toMatchObject({ name: "AccessDenied", $metadata: { httpStatusCode: 403 } });
  expect(run).not.toHaveBeenCalled();
  expect(asked).toEqual([
    {
      principal: CREDENTIAL.principal,
      action: "sqs:ListQueues",
      resource: "arn:some",
      context: { "aws:SecureTransport": "true" },
    },
  ]);
});

test("whoever watches sees what was asked and answered, without an output where it was refused", async () => {
  const { list, endpoint } = await sqsWith(LIST);
  await list();
  const seen = { principal: CREDENTIAL.principal, target: "AmazonSQS.ListQueues", input: {} };
  expect(endpoint.answered).toEqual([
    { ...seen, output: { QueueUrls: ["https://localhost/000000000000/work"] } },
  ]);
  const refusing = await sqsWith({
    "AmazonSQS.ListQueues": {
      ...{ action: "sqs:ListQueues", resource: () => "*" },
      run: () => Promise.reject(new AwsError("com.amazonaws.sqs#Some", "no")),
    },
  });
  await expect(refusing.list()).rejects.toMatchObject({ name: "Some" });
  expect(refusing.endpoint.answered).toEqual([{ ...seen, output: undefined }]);
  const denied = await sqsWith(LIST, { authorize: () => false });
  await expect(denied.list()).rejects.toMatchObject({ name: "AccessDenied" });
  expect(denied.endpoint.answered).toEqual([]);
});

test("a fault inside says nothing to the caller and everything to the log", async () => {
  const { list, endpoint } = await sqsWith({
    "AmazonSQS.ListQueues": {
      action: "sqs:ListQueues",
      resource: () => "*",
      run: () => {
        throw new Error("disk is full");
      },
    },
  });
  const error = await list().catch((thrown) => thrown);
  expect(error.$metadata.httpStatusCode).toBe(500);
  expect(JSON.stringify(error) + error.message).not.toContain("disk");
  expect(endpoint.faults).toEqual([new Error("disk is full")]);
});

test("an operation that is not there is a clear error, even by the name of a built-in", async () => {
  const { endpoint, list } = await sqsWith({});
  await expect(list()).rejects.toMatchObject({ name: "UnknownOperationException" });
  for (const target of ["constructor", "__proto__", "toString"]) {
    expect((await post(endpoint, "{}", { "x-amz-target": target })).status).toBe(400);
  }
  expect(endpoint.faults).toEqual([]);
});

test("hostile requests are refused, and the server goes on", async () => {
  const { endpoint, list } = await sqsWith(LIST);
  const header = fc.constantFrom("x-amz-target", "authorization", "x-amz-date", "content-type");
  const text = fc.oneof(
    fc.constantFrom(
      "AmazonSQS.ListQueues",
      "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/sqs/aws4_request",
    ),
    fc.string({ unit: fc.constantFrom(..."abcXYZ019 =/,;%~") }),
  );
  await fc.assert(
    fc.asyncProperty(fc.dictionary(header, text), fc.uint8Array(), async (headers, body) => {
      const { status } = await post(endpoint, Buffer.from(body), headers);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }),
    { numRuns: 60 },
  );
  expect((await post(endpoint, "{}", {}, "/000000000000/work")).status).toBe(404);
  expect((await post(endpoint, Buffer.alloc(3_000_000))).status).toBe(413);
  const ca = endpoint.clientConfig.requestHandler.httpsAgent.options.ca;
  const raw = connectTls({ port: endpoint.port, host: "localhost", ...(ca === undefined ? {} : { ca }) });
  raw.on("error", () => {}).end("NONSENSE\r\n\r\n");
  raw.resume();
  await once(raw, "close");
  expect((await list()).QueueUrls).toHaveLength(1);
  expect(endpoint.faults).toEqual([]);
});

test("close ends the requests that wait", async () => {
  const aborted = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const { endpoint, list } = await sqsWith({
    "AmazonSQS.ListQueues": {
      action: "sqs:ListQueues",
      resource: () => "*",
      run: (_, signal) => {
        started.resolve();
        signal.addEventListener("abort", () => aborted.resolve());
        return aborted.promise;
      },
    },
  });
  const waiting = expect(list()).rejects.toThrow();
  await started.promise;
  await endpoint.close();
  await aborted.promise;
  await waiting;
});

test("a service's signature is not good for another service", async () => {
  const endpoint = await localEndpoint(LIST);
  const client = new SecretsManagerClient(endpoint.clientConfig);
  client.middlewareStack.add(
    (next) => async (args) => {
      (args.request as { headers: Record<string, string> }).headers["x-amz-target"] = "AmazonSQS.ListQueues";
      return next(args);
    },
    { step: "build" },
  );
  onTestFinished(() => client.destroy());
  await expect(client.send(new GetSecretValueCommand({ SecretId: "x" }))).rejects.toMatchObject({
    name: "InvalidSignatureException",
  });
});
