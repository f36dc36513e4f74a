import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createHttpExchange } from "../../../../operator/cloud/notehub/http-exchange.ts";
import { openNotehubApi } from "../../../../operator/cloud/notehub/notehub-api.ts";

const NEVER = new AbortController().signal;

async function startNotehubThat(answers: RequestListener): Promise<string> {
  const server = createServer(answers);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const open = async (url: string, secret: object | undefined = { token: " t0ken\n" }) =>
  await openNotehubApi(
    createHttpExchange(undefined),
    { url, project: "com.example:lamps", secret: JSON.stringify(secret) },
    NEVER,
  );

test("a pasted token is trimmed, and the project may be a product", async () => {
  const seen: (string | undefined)[] = [];
  const url = await startNotehubThat((request, response) => {
    seen.push(request.url, request.headers.authorization);
    response.end("[]");
  });
  expect(await (await open(url)).call("GET", "/routes")).toEqual([]);
  expect(seen).toEqual(["/v1/projects/com.example%3Alamps/routes", "Bearer t0ken"]);
});

test("client credentials are exchanged for a token", async () => {
  const seen: (string | undefined)[] = [];
  const url = await startNotehubThat((request, response) => {
    seen.push(request.headers.authorization);
    response.end(request.url === "/oauth2/token" ? JSON.stringify({ access_token: "granted" }) : "[]");
  });
  await (await open(url, { clientId: "id", clientSecret: "s" })).call("GET", "/routes");
  expect(seen).toEqual([undefined, "Bearer granted"]);
});

test.each<[string, number, string, string, string]>([
  ["a refused token", 401, '{"err":"no {unauthorized}"}', "auth", "refuses the token"],
  ["an error", 500, '{"err":"odd"}', "fault", "answered 500 to GET /routes: odd"],
  ["a redirect, which would carry the token elsewhere", 302, "{}", "fault", "answered 302"],
  ["a page of a proxy", 200, "<html>", "fault", "answered 200"],
])("%s is told as what it is, without the token", async (_what, status, body, code, sentence) => {
  const url = await startNotehubThat((_request, response) => {
    response.writeHead(status, { location: "http://localhost:9/" }).end(body);
  });
  const error = await (await open(url)).call("GET", "/routes").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, message: expect.stringContaining(sentence) });
  expect(String(error)).not.toContain("t0ken");
});

test("refused client credentials are told without them", async () => {
  const url = await startNotehubThat((_request, response) =>
    response.writeHead(400).end('{"error":"invalid_client"}'),
  );
  await expect(open(url, { clientId: "id", clientSecret: "s3cret" })).rejects.toMatchObject({
    code: "auth",
    message: expect.not.stringContaining("s3cret"),
  });
});

test("a Notehub that is not there is a fault, not a stack trace", async () => {
  await expect((await open("http://127.0.0.1:9")).call("GET", "/routes")).rejects.toMatchObject({
    code: "fault",
    message: expect.stringContaining("http://127.0.0.1:9 cannot be reached"),
  });
});
