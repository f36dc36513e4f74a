import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { holdFleet } from "../../../../operator/cloud/fleets/hold-fleet.ts";
import { type Fleets, openFleets } from "../../../../operator/cloud/fleets/open-fleets.ts";
import { readLocalDeployment } from "../../../../operator/cloud/local-deployment.ts";
import { createFleetTeller } from "../../support/fleet-teller.ts";
import { type Services, startServices } from "../../support/services.ts";

const FLEET = "fleet:a1";
const NEVER = new AbortController().signal;

let services: Services;
let fleets: Fleets & Disposable;
let folder = "";
beforeAll(async () => {
  services = await startServices({ manifests: true });
  fleets = openFleets(await readLocalDeployment(services.folder), NEVER);
  folder = await mkdtemp(path.join(tmpdir(), "noteferry-hold-"));
  await mkdir(path.join(folder, "app"));
  for (const name of ["a", "b", "c"]) await writeFile(path.join(folder, "app", name), name);
});
beforeEach(() => {
  services.observations.length = 0;
});
afterEach(async () => {
  services.faults.s3 = undefined;
  services.outputs.AnnouncementsBucketName = "announcements";
  await services.writeEndpoints();
});
afterAll(async () => {
  fleets[Symbol.dispose]();
  await services.stop();
  await rm(folder, { recursive: true, force: true });
});

const put = (args: readonly string[], signal = NEVER) =>
  services.cli(["put", "app", ...args], { cwd: folder, signal, env: { USER: "kim" } });
const requests = (bucket: string) =>
  services.observations.filter((each) => each.bucket === bucket).map(({ operation }) => operation);

test("a fleet is held while a folder is uploaded for it, and no longer [NF-11.14]", async () => {
  const held: unknown[] = [];
  services.faults.s3 = ({ key, operation }) => {
    if (operation === "PutObject" && key?.endsWith("app/b") === true) held.push(fleets.hold(FLEET));
    return undefined;
  };
  expect(await put(["--to", FLEET])).toMatchObject({ code: 0 });
  const [hold] = await Promise.all(held as ReturnType<Fleets["hold"]>[]);
  expect(hold?.by).toBe("noteferry put of kim");
  expect(hold?.until).toBeGreaterThan(Date.now());
  expect(await fleets.hold(FLEET)).toBeUndefined();
});

test("a hold ends with what failed, and with Ctrl-C", async () => {
  services.faults.s3 = ({ key }) => (key?.endsWith("app/b") === true ? { fail: "AccessDenied" } : undefined);
  expect(await put(["--to", FLEET])).toMatchObject({ code: 1 });
  expect(await fleets.hold(FLEET)).toBeUndefined();
  const interrupt = new AbortController();
  services.faults.s3 = ({ key }) => {
    if (key?.endsWith("app/b") === true) interrupt.abort();
    return undefined;
  };
  expect(await put(["--to", FLEET], interrupt.signal)).toMatchObject({ code: 130 });
  expect(await fleets.hold(FLEET)).toBeUndefined();
  expect(requests("announcements")).toContain("DeleteObject");
});

test("a hold that cannot be had is a warning: of an older deployment, or without a grant", async () => {
  services.faults.s3 = ({ bucket }) => (bucket === "announcements" ? { fail: "AccessDenied" } : undefined);
  const denied = await put(["--to", FLEET]);
  expect(denied).toMatchObject({
    code: 0,
    err: expect.stringMatching(/^warning: its files may be announced one by one/),
  });
  services.faults.s3 = undefined;
  delete services.outputs.AnnouncementsBucketName;
  await services.writeEndpoints();
  const older = await put(["--to", FLEET]);
  expect(older).toMatchObject({ code: 0, err: expect.stringMatching(/^warning: .*deploy it again/) });
});

test("nobody is held for a single file, or for a device", async () => {
  await put(["--to", "dev:1"]);
  await services.cli(["put", "app/a", "--to", FLEET], { cwd: folder });
  expect(requests("announcements")).toEqual([]);
});

test("a hold is renewed while it lasts, and another's is left alone", async () => {
  const deployment = await readLocalDeployment(services.folder);
  const first = await holdFleet(deployment, FLEET, "me", NEVER, { lastsMs: 5_000, renewMs: 10 });
  const { until = 0 } = (await fleets.hold(FLEET)) ?? {};
  while (((await fleets.hold(FLEET))?.until ?? 0) <= until) await sleep(5);
  await first[Symbol.asyncDispose]();
  expect(await fleets.hold(FLEET)).toBeUndefined();

  const second = await holdFleet(deployment, FLEET, "me", NEVER);
  using teller = await createFleetTeller(services.folder, FLEET);
  await teller.hold(Date.now() + 60_000, "another");
  await second[Symbol.asyncDispose]();
  expect((await fleets.hold(FLEET))?.by).toBe("another");
});
