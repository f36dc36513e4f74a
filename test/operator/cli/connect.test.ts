import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startLoopbackServer } from "../../../local/host/loopback/loopback-server.ts";
import {
  NOTEHUB_TOKEN,
  RECEIPT_TOKEN,
  ROUTE_TOKEN,
  type Services,
  startServices,
} from "../support/services.ts";

let services: Services;
beforeAll(async () => {
  services = await startServices();
});
afterAll(() => services.stop());

const NO_ROUTES = {
  routes: [
    { action: "create", type: "proxy", label: "Noteferry files" },
    { action: "create", type: "http", label: "Noteferry receipts" },
  ],
};
const changes = () => services.notehub.calls().calls.filter(({ method }) => method !== "GET");

test("says what it would make, makes it, and finds nothing to do the second time; no token is shown", async () => {
  const dry = await services.json(["connect", "--dry-run"]);
  expect(dry).toMatchObject({ code: 0, json: NO_ROUTES });
  expect(dry.err).toBe(
    `proxy route noteferry: would be made, to ${services.outputs.RouteUrl} with the header Authorization\n` +
      `route of file-status.qo: would be made, to ${services.outputs.ReceiptRouteUrl} with the header Authorization\n`,
  );
  const first = await services.json(["connect", "--sample"]);
  expect(first).toMatchObject({ code: 0, json: { routes: Array(3).fill({ action: "create" }) } });
  const second = await services.json(["connect", "--sample"]);
  expect(second).toMatchObject({ code: 0, json: { routes: Array(3).fill({ action: "keep" }) } });
  for (const run of [dry, first, second]) {
    expect(run.out + run.err).not.toContain(ROUTE_TOKEN);
    expect(run.out + run.err).not.toContain(RECEIPT_TOKEN);
    expect(run.out + run.err).not.toContain(NOTEHUB_TOKEN);
  }
});

test("mends what another deployment left behind", async () => {
  const token = "an0ther-r0ute-t0ken";
  await services.secrets.put(services.tokenArn, JSON.stringify({ current: token, previous: ROUTE_TOKEN }));
  const run = await services.json(["connect"]);
  expect(run.json.routes).toMatchObject([
    { action: "change", changes: ["header Authorization is another: set it"] },
    { action: "keep" },
  ]);
  expect(run.out + run.err).not.toMatch(/t0ken/);
  expect((await services.json(["connect"])).json.routes).toMatchObject([
    { action: "keep" },
    { action: "keep" },
  ]);
  await services.secrets.put(services.tokenArn, JSON.stringify({ current: ROUTE_TOKEN }));
  await services.cli(["connect"]);
});

test("a Notehub that says yes and keeps nothing is found out", async () => {
  const forgetful = await startLoopbackServer();
  onTestFinished(() => forgetful.close());
  forgetful.serve((request, response) => {
    response.writeHead(request.method === "POST" ? 201 : 200).end(request.method === "POST" ? "{}" : "[]");
  });
  const { NotehubUrl = "" } = services.outputs;
  services.outputs.NotehubUrl = forgetful.url;
  await services.writeEndpoints();
  const run = await services.cli(["connect"]);
  services.outputs.NotehubUrl = NotehubUrl;
  await services.writeEndpoints();
  expect(run).toMatchObject({ code: 1, err: expect.stringContaining("Notehub did not keep all of it") });
});

test.each([
  [JSON.stringify({ token: "wr0ng-t0ken" }), "Notehub refuses the token"],
  ["not JSON", "the Notehub secret holds no token"],
])("a Notehub secret that is of no use is said, without what it holds: %#", async (secret, sentence) => {
  await services.secrets.put(services.notehubArn, secret);
  const run = await services.cli(["connect"]);
  await services.secrets.put(services.notehubArn, JSON.stringify({ token: NOTEHUB_TOKEN }));
  expect(run).toMatchObject({ code: 4, out: "" });
  expect(run.err).toContain(sentence);
  expect(run.err).not.toMatch(/wr0ng|not JSON/);
});

test("doctor finds everything in order", async () => {
  const run = await services.cli(["doctor"]);
  expect(run).toMatchObject({ code: 0, err: "" });
  expect(run.out.split("\n").map((line) => line.split(":")[0])).toEqual([
    ...["ok     bucket", "ok     dead letters", "ok     file-server", "ok     Notehub routes", ""],
  ]);
});

test("doctor says what is wrong and what to do, and changes nothing", async () => {
  await services.queues.get("DeadLetterQueue").send("{}");
  await services.secrets.put(services.tokenArn, JSON.stringify({ current: "t0ken-of-tomorrow" }));
  const before = changes();
  const run = await services.json(["doctor"]);
  expect(changes()).toEqual(before);
  expect(run.code).toBe(1);
  expect(run.err).toContain("3 of 4 checks found something wrong");
  expect(run.json.findings).toMatchObject([
    { check: "bucket", state: "ok" },
    { check: "dead letters", state: "wrong", remedy: expect.stringContaining("noteferry redrive") },
    { check: "file-server", state: "wrong", says: expect.stringContaining("answers 401") },
    { check: "Notehub routes", state: "wrong", remedy: expect.stringContaining("noteferry connect") },
  ]);
  expect(run.out).not.toContain("t0ken");
  await services.secrets.put(services.tokenArn, JSON.stringify({ current: ROUTE_TOKEN }));
});

test("an output that an older deployment lacks is told by name", async () => {
  const { TokenSecretArn, ...older } = services.outputs;
  Object.assign(services.outputs, { TokenSecretArn: undefined });
  await services.writeEndpoints();
  const run = await services.cli(["connect"]);
  Object.assign(services.outputs, { ...older, TokenSecretArn });
  await services.writeEndpoints();
  expect(run).toMatchObject({ code: 5, out: "" });
  expect(run.err).toMatch(/has no output TokenSecretArn: .*deploy it again/);
});
