import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createRecordReport } from "../../../functions/delivery-recorder/record/record-report.ts";
import { type FilesBucket, openFilesBucket } from "../../../operator/cloud/files/files-bucket.ts";
import { readLocalDeployment } from "../../../operator/cloud/local-deployment.ts";
import type { ManifestException } from "../../../protocol/manifest-exceptions.ts";
import { formatManifestReceipt } from "../../../protocol/manifest-receipt.ts";
import { isInShare } from "../../../protocol/share.ts";
import { createFleetTeller, fleetFile, sha256Of } from "../support/fleet-teller.ts";
import { DEVICE, type Services, startServices } from "../support/services.ts";

const FLEET = "fleet:1042ddc5-0000-4000-8000-000000000001";
const KEY = `fleets/${FLEET}/app`;
const SHARED = `fleets/${FLEET}/shared`;
const T0 = Date.UTC(2026, 10, 28, 12);
/** One that leaves the device out. */
const SALT =
  Array.from({ length: 40 }, (_, n) => `s${n}`).find((salt) => !isInShare([50, salt], DEVICE)) ?? "";

let services: Services;
let bucket: FilesBucket;
let teller: Awaited<ReturnType<typeof createFleetTeller>>;
/** Of the file, the oldest first. */
const versions: string[] = [];

beforeAll(async () => {
  services = await startServices({ table: true, manifests: true, fleets: [FLEET] });
  bucket = openFilesBucket(await readLocalDeployment(services.folder));
  teller = await createFleetTeller(services.folder, FLEET);
  const put = async (Key: string, Body: string) =>
    (await bucket.client.send(new PutObjectCommand({ Bucket: "files", Key, Body }))).VersionId ?? "";
  versions.push(await put(KEY, "1"), await put(KEY, "2"));
  const shared = await put(SHARED, "x");
  await put(`devices/${DEVICE}/own`, "x");
  const [first = "", second = ""] = versions;
  await teller.announce(100, T0, { [KEY]: fleetFile("A", { version: first }) });
  await teller.announce(101, T0 + 60_000, {
    [KEY]: fleetFile("B", { version: second, seq: "Ag" }),
    [SHARED]: fleetFile("C", { version: shared, share: [50, SALT], previous: fleetFile("D") }),
  });
  await say(DEVICE, 101, 1, [["app", "failed", "run"]]);
  await say("dev:1", 100, 2);
  await say("dev:2", 101, 3);
}, 60_000);
afterEach(async () => {
  delete services.outputs.FleetAnnouncements;
  await services.writeEndpoints();
});
afterAll(async () => {
  teller[Symbol.dispose]();
  bucket[Symbol.dispose]();
  await services.stop();
});

async function say(device: string, serial: number, minute: number, not: ManifestException[] = []) {
  const counts = { installed: 2, unchanged: 0, removed: 1, bytes: 9, requests: 1 };
  const received = T0 + minute * 60_000;
  const manifest = { ...formatManifestReceipt({ fleet: FLEET, serial, ...counts }, [], not), n: received };
  await createRecordReport(services.table)({ kind: "manifest", device, at: received, manifest });
}

const notes = () =>
  services.notehub
    .calls()
    .calls.filter(({ method, path }) => method === "POST" && path.includes("notes"))
    .reduce((sum, { count }) => sum + count, 0);

test("history tells who has which version by what manifests brought", async () => {
  services.observations.length = 0;
  const { json, err } = await services.json(["history", KEY]);
  expect(err).toMatch(/^what 1 device of the fleet may have is not known: /); // it took a version back
  expect(json.versions).toMatchObject([
    { versionId: versions[1], devices: ["dev:2"] },
    { versionId: versions[0], devices: ["dev:1"] },
  ]);
});

test("retry asks for what a manifest has, which the device was never told of by a Note [NF-2.7]", async () => {
  const run = await services.json(["retry", DEVICE, "app"]);
  expect(run).toMatchObject({
    code: 0,
    json: {
      announcement: { name: KEY, sha256: sha256Of("B"), size: 9, seq: "Ag", again: expect.any(Number) },
    },
  });
  expect(run.json.announcement.etag).toMatch(/^[0-9a-f]{32}$/);
  const outside = await services.cli(["retry", DEVICE, "shared"]);
  expect(outside).toMatchObject({ code: 2, err: expect.stringMatching(/^dev:\d+ is outside the share of /) });
});

test("resend leaves to the manifest what it brings, unless Notes are told too", async () => {
  const before = notes();
  const run = await services.json(["resend", DEVICE]);
  expect(run.json).toEqual({
    ...{ device: DEVICE, keys: [`devices/${DEVICE}/own`], failed: [] },
    byManifest: { [FLEET]: 2 },
  });
  expect(run.err).toContain(`2 more come by the manifest of ${FLEET}, which its agent takes by itself`);
  expect(notes() - before).toBe(1);
  services.outputs.FleetAnnouncements = "both";
  await services.writeEndpoints();
  const both = await services.json(["resend", DEVICE, "--dry-run"]);
  expect(both.json.keys).toHaveLength(3);
});

test("events tells what became of a manifest", async () => {
  const at = new Date(T0 + 60_000).toISOString();
  expect((await services.cli(["events", DEVICE])).out).toBe(
    `${at}\tmanifest\t${FLEET} serial 101\t2 installed; 1 removed; app: rolled-back (run)\n`,
  );
});

test("doctor tells of a fleet that was not told for long, and not of one that waits its minute", async () => {
  const findings = async () => {
    const { json } = await services.json(["doctor"]);
    return json.findings.find(({ check }: { check: string }) => check === "fleets");
  };
  expect(await findings()).toEqual({ check: "fleets", state: "ok", says: "each was told of what changed" });
  await teller.write({ changedAt: Date.now() - 60_000 });
  expect((await findings()).state).toBe("ok");
  await teller.write({ changedAt: T0 });
  expect(await findings()).toMatchObject({
    state: "wrong",
    says: `${FLEET} was not told of what changed at ${new Date(T0).toISOString()}`,
    remedy: expect.stringContaining("noteferry sweep"),
  });
});

test("what is said after a deletion depends on who had the file", async () => {
  const own = await services.cli(["rm", `devices/${DEVICE}/own`, "--yes"]);
  expect(own.err).not.toContain("prune");
  const fleets = await services.cli(["rm", SHARED, "--yes"]);
  expect(fleets.err).toContain("those of a fleet unless the deployment has the setting prune");
});
