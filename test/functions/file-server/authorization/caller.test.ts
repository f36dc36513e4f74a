import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { captureStdio } from "../../../support/capture-stdio.ts";
import type { Answer } from "../support/aws-stand-in.ts";
import { CREDENTIALS, type FileServerUnderTest, startFileServer } from "../support/file-server-under-test.ts";

let server: FileServerUnderTest;
beforeEach(async () => {
  server = await startFileServer();
  server.aws.put("f", "content of the file");
});
afterEach(() => server.close());

describe("[NF-7.1] who may call", () => {
  test("the current and the previous token", async () => {
    expect((await server.call({ query: "file=f", token: "current-token" })).statusCode).toBe(200);
    expect((await server.call({ query: "file=f", token: "previous-token" })).statusCode).toBe(200);
    expect(server.aws.secretRequests).toHaveLength(1);
    expect(server.aws.secretRequests[0]).toMatchObject({
      method: "POST",
      url: "/",
      headers: { "content-type": "application/x-amz-json-1.1" },
      body: '{"SecretId":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:tokens"}',
    });
    const { authorization } = server.aws.secretRequests[0]?.headers ?? {};
    expect(authorization).toContain(
      "/eu-west-1/secretsmanager/aws4_request,SignedHeaders=content-type;host;",
    );
  });

  test("nobody else, whatever is asked: the same bytes, and S3 is not asked", async () => {
    const replies = [
      await server.call({ query: "file=f", token: "" }),
      await server.call({ query: "file=f", token: "wrong" }),
      await server.call({ query: "file=missing", token: "wrong" }),
      await server.call({ query: "", token: "wrong" }),
      await server.call({ path: "/nowhere", token: "" }),
      await server.call({ method: "POST", token: "wrong" }),
      await server.call({ path: "/files/%ff", token: "wrong" }),
      await server.call({ query: "file=f", token: "", headers: { authorization: "Basic Zjpm" } }),
      await server.call({ query: "file=f", token: "", headers: { authorization: "Bearer " } }),
    ];
    expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
    expect(replies[0]).toEqual({
      statusCode: 401,
      headers: { "Content-Type": "application/json", "WWW-Authenticate": "Bearer" },
      body: '{"err":"the bearer token is missing or wrong {unauthorized}"}',
      isBase64Encoded: false,
    });
    expect(server.aws.s3Requests).toHaveLength(0);
    expect(server.aws.secretRequests).toHaveLength(1); // [NF-7.3]
  });

  test.each(["bearer", "BEARER", "Bearer  "])("the scheme is case-insensitive: %s", async (scheme) => {
    const headers = { authorization: `${scheme} current-token` };
    expect((await server.call({ query: "file=f", token: "", headers })).statusCode).toBe(200);
  });

  test.each(['{"current":"current-token"}', '{"current":"current-token","previous":""}'])(
    "a secret without a previous token lets no empty one in: %s",
    async (secret) => {
      server.aws.secret = secret;
      const headers = { authorization: "Bearer " };
      expect((await server.call({ query: "file=f", token: "", headers })).statusCode).toBe(401);
      expect((await server.call({ query: "file=f" })).statusCode).toBe(200);
    },
  );
});

describe("a token that was pasted into the secret", () => {
  test.each(["current-token\n", "\r\n current-token\t ", "\ufeffcurrent-token"])(
    "loses what is blank at its edges: %j",
    async (current) => {
      server.aws.secret = JSON.stringify({ current, previous: " previous-token\n" });
      expect((await server.call({ query: "file=f" })).statusCode).toBe(200);
      expect((await server.call({ query: "file=f", token: "previous-token" })).statusCode).toBe(200);
    },
  );

  test("may have any character that a header carries in one piece", async () => {
    server.aws.secret = JSON.stringify({ current: 'p@ss,w{o}r:d"!' });
    expect((await server.call({ query: "file=f", token: 'p@ss,w{o}r:d"!' })).statusCode).toBe(200);
    expect((await server.call({ query: "file=f", token: "p@ss" })).statusCode).toBe(401);
  });

  const metricOf = (written: string) => written.split("\n").filter((line) => line.includes('"_aws"'));

  test.each(["hunter2 hunter2", "hunter2\nhunter2", "hünter2", "hunter2\u0000", "密码hunter2"])(
    "that no header carries is named by the log, and nobody is told 401 for it: %j",
    async (current) => {
      await server.close();
      server = await startFileServer("INFO");
      server.aws.put("f", "content of the file");
      server.aws.secret = JSON.stringify({ current, previous: "" });
      const { result, written } = await captureStdio(() =>
        server.call({ query: "file=f", token: "hunter2" }),
      );
      expect([result.statusCode, result.headers["Retry-After"]]).toEqual([503, "2"]);
      expect(metricOf(written)).toHaveLength(1);
      expect(JSON.parse(metricOf(written)[0] ?? "")).toMatchObject({
        level: "ERROR",
        message: "token unusable",
        service: "file-server",
        tokens: ["current"],
        TokensUnusable: 1,
      });
      for (const part of ["hunter2", "hünter2", "密码"]) expect(written + result.body).not.toContain(part);
    },
  );

  test("leaves the other one in force, if only one is unusable", async () => {
    await server.close();
    server = await startFileServer("INFO");
    server.aws.put("f", "content of the file");
    server.aws.secret = JSON.stringify({ current: "new token", previous: "previous-token" });
    const { result, written } = await captureStdio(() =>
      server.call({ query: "file=f", token: "previous-token" }),
    );
    expect(result.statusCode).toBe(200);
    expect(metricOf(written)).toHaveLength(1);
    await server.close();
    server = await startFileServer("INFO");
    server.aws.put("f", "content of the file");
    server.aws.secret = JSON.stringify({ current: "current-token", previous: "old token" });
    const second = await captureStdio(async () => [
      (await server.call({ query: "file=f" })).statusCode,
      (await server.call({ query: "file=f", token: "guess" })).statusCode,
      (await server.call({ query: "file=f", token: "" })).statusCode,
    ]);
    expect(second.result).toEqual([200, 401, 401]);
    expect(second.written).toContain('"tokens":["previous"]');
  });
});

describe("a secret that cannot be read", () => {
  const denied: Answer = (_request, response) => {
    response.writeHead(400).end('{"__type":"AccessDeniedException","Message":"not authorized: hunter2"}');
  };

  test.each<[string, Answer | undefined, string | undefined]>([
    ["refused", denied, undefined],
    ["no JSON", (_request, response) => response.end("hunter2"), undefined],
    ["binary", (_request, response) => response.end('{"SecretBinary":"hunter2"}'), undefined],
    ["hanging up", (request) => request.socket.destroy(), undefined],
    ["plain text", undefined, "hunter2"],
    ["another shape", undefined, '{"password":"hunter2"}'],
    ["an empty token", undefined, '{"current":"","previous":"hunter2"}'],
    ["a blank token", undefined, '{"current":" \\n","previous":"hunter2"}'],
    ["a number", undefined, '{"current":1,"previous":"hunter2"}'],
  ])("%s: 503 until it can be, and nothing of it in the log", async (_, fault, secret) => {
    await server.close();
    server = await startFileServer("DEBUG");
    server.aws.put("f", "content of the file");
    const good = server.aws.secret;
    if (fault !== undefined) server.aws.secretFaults = [fault];
    if (secret !== undefined) server.aws.secret = secret;
    const { result, written } = await captureStdio(() => server.call({ query: "file=f" }));
    expect([result.statusCode, result.headers["Retry-After"]]).toEqual([503, "2"]);
    expect(result.body).toBe('{"err":"this cannot be answered now {try-again}","retry":2}'); // [NF-6.3]
    expect(written).toContain('"message":"request failed"');
    expect(written + result.body).not.toContain("hunter2");
    server.aws.secret = good;
    const again = async () => (await captureStdio(() => server.call({ query: "file=f" }))).result.statusCode;
    await expect.poll(again).toBe(200);
  });
});

describe("the log", () => {
  test("never holds a token, a credential, an etag or the file's bytes", async () => {
    await server.close();
    process.env.POWERTOOLS_LOGGER_LOG_EVENT = "true"; // a deployer's slip must not log the header
    try {
      server = await startFileServer("TRACE");
    } finally {
      delete process.env.POWERTOOLS_LOGGER_LOG_EVENT;
    }
    const { etag } = server.aws.put("devices/dev:1/f", "content of the file");
    const query = `file=devices/dev:1/f&etag=${etag}`;
    const { written } = await captureStdio(async () => {
      await server.call({ query });
      await server.call({ path: "/files/devices/dev:1/f", query: `etag=${etag}` });
      await server.call({ query, token: "a-guess" });
      await server.call({ query: `${query}&chunk=7` });
      await server.call({ query: `${query}&chunk=x` });
      await server.call({ query: "file=missing" });
      server.aws.s3Faults = [(request) => request.socket.destroy(), (request) => request.socket.destroy()];
      await server.call({ query });
      server.aws.s3Faults = [
        (_request, response) => response.writeHead(403).end("<Code>AccessDenied</Code>"),
      ];
      await server.call({ query });
    });
    const lines = written
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ level, code }) => code ?? level)).toEqual([
      "WARN",
      "out-of-range",
      "bad-request",
      "file-not-found",
      "try-again",
      "ERROR",
    ]);
    expect(lines[0]).toMatchObject({ message: "requests refused", UnknownTokens: 1, withoutToken: 0 });
    expect(lines[3]).toMatchObject({ service: "file-server", door: "chunk", key: "missing", status: 404 });
    expect(lines[2]).not.toHaveProperty("key"); // not the one of the request before
    const { AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = CREDENTIALS;
    const secrets = [
      "current-token",
      "previous-token",
      "a-guess",
      AWS_SECRET_ACCESS_KEY,
      AWS_SESSION_TOKEN,
      etag,
    ];
    for (const secret of [...secrets, "Signature=", "content of the file", "Y29udGVudCBvZiB0aGUgZmlsZQ"]) {
      expect(written).not.toContain(secret);
    }
  });
});
