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
