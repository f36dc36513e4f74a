import { request } from "node:http";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { startRuntimeApi } from "../../../../local/aws/lambda/runtime-api.ts";

const NEXT = "/2018-06-01/runtime/invocation/next";
const INVOCATION = { requestId: "r1", functionArn: "arn", deadline: 0, event: '{"token":"secret"}' };

async function startApi() {
  const heard: string[] = [];
  const api = await startRuntimeApi({
    onNext: () => heard.push("next"),
    onInitError: () => heard.push("init error"),
    onReply: () => heard.push("reply"),
  });
  onTestFinished(() => api.close());
  const call = (method: string, path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      const [host, port] = api.address.split(":");
      const outgoing = request({ host, port, method, path, headers }, async (response) => {
        resolve({ status: response.statusCode, body: await text(response) });
      });
      outgoing.on("error", reject).end(method === "POST" ? "{}" : undefined);
    });
  return { api, heard, call };
}

test("whoever has the secret gets the event", async () => {
  const { api, heard, call } = await startApi();
  const answer = call("GET", `/${api.secret}${NEXT}`);
  await expect.poll(() => heard).toEqual(["next"]);
  api.deliver(INVOCATION);
  expect(await answer).toEqual({ status: 200, body: INVOCATION.event });
});

test.each([
  ["without the secret", (_: string) => NEXT, {}],
  ["with a wrong one", (secret: string) => `/${"x".repeat(secret.length)}${NEXT}`, {}],
  ["with a part of it", (secret: string) => `/${secret.slice(1)}${NEXT}`, {}],
  [
    "by another name, as in DNS rebinding",
    (secret: string) => `/${secret}${NEXT}`,
    { Host: "attacker.example" },
  ],
  ["from a web page", (secret: string) => `/${secret}${NEXT}`, { Origin: "https://attacker.example" }],
])("nobody else takes or answers an invocation: %s", async (_how, pathWith, headers) => {
  const { api, heard, call } = await startApi();
  expect(await call("GET", pathWith(api.secret), headers)).toEqual({ status: 403, body: "{}" });
  const reply = pathWith(api.secret).replace("next", "r1/response");
  expect(await call("POST", reply, headers)).toMatchObject({ status: 403 });
  expect(heard).toEqual([]);
});
