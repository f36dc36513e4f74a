import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from "vitest";
import { AwsError } from "../../../local/aws/aws-json/aws-error.ts";
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
  await services.cli(["connect"]);
});
afterEach(() => {
  services.faults.aws = undefined;
});
afterAll(() => services.stop());

const changes = () => services.notehub.calls().calls.filter(({ method }) => method !== "GET");

async function findings(): Promise<Record<string, { state: string; says: string; remedy?: string }>> {
  const { json } = await services.json(["doctor"]);
  return Object.fromEntries(json.findings.map((each: { check: string }) => [each.check, each]));
}

test("doctor finds everything in order, and what it posts is nothing to the recorder", async () => {
  services.posted.length = 0;
  const run = await services.cli(["doctor"]);
  expect(run).toMatchObject({ code: 0, err: "" });
  expect(run.out.split("\n").map((line) => line.split(":")[0])).toEqual([
    ...[
      "ok     bucket",
      "ok     dead letters",
      "ok     file-server",
      "ok     recorder",
      "ok     Notehub routes",
      "",
    ],
  ]);
  expect(services.posted).toEqual([{ kind: "ignored", file: "noteferry-doctor.qo" }]);
});

test("doctor says what is wrong and what to do, and changes nothing", async () => {
  await services.queues.get("DeadLetterQueue").send("{}");
  await services.secrets.put(services.tokenArn, JSON.stringify({ current: "t0ken-of-tomorrow" }));
  const before = changes();
  const run = await services.json(["doctor"]);
  expect(changes()).toEqual(before);
  expect(run.code).toBe(1);
  expect(run.err).toContain("3 of 5 checks found something wrong");
  expect(run.json.findings).toMatchObject([
    { check: "bucket", state: "ok" },
    {
      check: "dead letters",
      state: "wrong",
      remedy: expect.stringContaining(`noteferry redrive --local --data '${services.folder}' --dry-run`),
    },
    { check: "file-server", state: "wrong", says: expect.stringContaining("answers 401") },
    { check: "recorder", state: "ok" },
    { check: "Notehub routes", state: "wrong", remedy: expect.stringContaining("noteferry connect") },
  ]);
  expect(run.out).not.toContain("t0ken");
  await services.secrets.put(services.tokenArn, JSON.stringify({ current: ROUTE_TOKEN }));
});

test("routes that are there twice are named, with which to keep and which to remove", async () => {
  const { NotehubUrl, ProjectUid } = services.outputs;
  const routes = `${NotehubUrl}/v1/projects/${ProjectUid}/routes`;
  const headers = { authorization: `Bearer ${NOTEHUB_TOKEN}` };
  const double = { label: "by hand", type: "proxy", proxy: { alias: "noteferry", url: "https://a.example" } };
  const made = await fetch(routes, { method: "POST", headers, body: JSON.stringify(double) });
  const { uid } = (await made.json()) as { uid: string };
  const found = (await findings())["Notehub routes"];
  await fetch(`${routes}/${uid}`, { method: "DELETE", headers });
  const [, kept] = /\((\S+), /.exec(found?.says ?? "") ?? [];
  expect(found).toEqual({
    ...{ check: "Notehub routes", state: "wrong" },
    says: `2 routes take the alias noteferry (${kept}, ${uid}), and which of them Notehub uses is not known`,
    remedy: `remove ${uid} in Notehub, and keep ${kept}`,
  });
});

test("the recorder is tried with the current token, and with the one that Notehub's route has", async () => {
  const put = (current: string) =>
    services.secrets.put(services.receiptTokenArn, JSON.stringify({ current }));
  await put("new-rec31pt-t0ken");
  const refused = (await findings()).recorder;
  expect(refused).toMatchObject({
    state: "wrong",
    remedy: expect.stringMatching(/within a minute.*catch-up/),
  });
  expect(refused?.says).toMatch(/answers 401 to an event with the current token$/);

  services.receiptTokens.push("new-rec31pt-t0ken");
  const both = await findings();
  expect(both.recorder).toMatchObject({
    state: "ok",
    says: expect.stringContaining("and still the older one"),
  });
  expect(both["Notehub routes"]).toMatchObject({
    remedy: expect.stringMatching(/connect .*mends routes.*catch-up/),
  });

  services.receiptTokens.shift();
  const run = await services.json(["doctor"]);
  expect(run.out).not.toMatch(/t0ken/);
  expect((await findings()).recorder).toMatchObject({
    state: "wrong",
    says: expect.stringMatching(/answers 401 to the token of Notehub's route \S+: what devices say is lost$/),
    remedy: expect.stringMatching(/^noteferry connect .* mends the route; noteferry catch-up /),
  });
  services.receiptTokens.unshift(RECEIPT_TOKEN);
  await put(RECEIPT_TOKEN);
  await services.cli(["connect"]);
});

test("what answers in the recorder's place is found out", async () => {
  const another = await startLoopbackServer();
  onTestFinished(() => another.close());
  another.serve((_request, response) => response.writeHead(200).end("{}"));
  const { ReceiptRouteUrl = "" } = services.outputs;
  services.outputs.ReceiptRouteUrl = another.url;
  await services.writeEndpoints();
  const { recorder } = await findings();
  services.outputs.ReceiptRouteUrl = ReceiptRouteUrl;
  await services.writeEndpoints();
  expect(recorder).toMatchObject({
    state: "wrong",
    remedy: expect.stringMatching(/^it is not the recorder/),
  });
});

test("a check that cannot look says what to do, and a broken secret is no fault of another check", async () => {
  await services.secrets.put(services.receiptTokenArn, "{}");
  const broken = await findings();
  await services.secrets.put(services.receiptTokenArn, JSON.stringify({ current: RECEIPT_TOKEN }));
  expect(broken["file-server"]?.state).toBe("ok");
  expect(broken.recorder).toMatchObject({
    state: "wrong",
    says: expect.stringMatching(/ReceiptTokenSecretArn holds no current token: store /),
    remedy: expect.stringMatching(/./),
  });
  services.faults.aws = (action) => {
    if (action === "sqs:GetQueueAttributes")
      throw new AwsError("com.amazonaws.sqs#ThrottlingException", "wait");
  };
  expect((await findings())["dead letters"]).toMatchObject({
    remedy: expect.stringContaining("again in a minute"),
  });
});
