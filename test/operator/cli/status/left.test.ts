import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createRecordReport } from "../../../../functions/delivery-recorder/record/record-report.ts";
import type { ManifestException } from "../../../../protocol/manifest-exceptions.ts";
import { formatManifestReceipt } from "../../../../protocol/manifest-receipt.ts";
import { createFleetTeller, fleetFile, sha256Of } from "../../support/fleet-teller.ts";
import { DEVICE, type Services, startServices } from "../../support/services.ts";

const OTHER = "fleet:1042ddc5-0000-4000-8000-000000000002";
const FLEET = "fleet:1042ddc5-0000-4000-8000-000000000001";
const keyOf = (path: string, fleet = FLEET) => `fleets/${fleet}/${path}`;
const T0 = Date.UTC(2026, 10, 28, 12);
/** It has left the fleet for the other one, with a file that waits, one that failed, and one of which it is not known. */
const LEAVER = "dev:864475000000009";

let services: Services;
const tellers: Disposable[] = [];

beforeAll(async () => {
  services = await startServices({
    ...{ table: true, manifests: true, fleets: [OTHER, FLEET], devices: [LEAVER] },
  });
  const [teller, others] = [
    await createFleetTeller(services.folder, FLEET),
    await createFleetTeller(services.folder, OTHER),
  ];
  tellers.push(teller, others);
  const files = { [keyOf("fails")]: fleetFile("F"), [keyOf("there")]: fleetFile("T") };
  await teller.announce(100, T0, { ...files, [keyOf("waits")]: fleetFile("W") });
  const failed: ManifestException = ["fails", "failed", "run", sha256Of("F").slice(0, 8), "exit 1"];
  const waits: ManifestException = ["waits", "waiting", "busy", sha256Of("W").slice(0, 8)];
  await say(LEAVER, FLEET, 1, [failed, waits]);
  await say(DEVICE, FLEET, 2, [failed, waits]);
  // Since it has left the fleet was told of another one, and the other fleet asks for one of the same path.
  await teller.announce(101, T0 + 180_000, {
    ...files,
    [keyOf("waits")]: fleetFile("X"),
    [keyOf("new")]: fleetFile("N"),
    [keyOf("shared")]: fleetFile("S"),
  });
  await others.announce(100, T0 + 180_000, { [keyOf("shared", OTHER)]: fleetFile("O") });
  await say(LEAVER, OTHER, 4);
}, 60_000);
afterEach(async () => {
  services.outputs.NotehubUrl = services.notehub.url;
  await services.writeEndpoints();
});
afterAll(async () => {
  for (const teller of tellers) teller[Symbol.dispose]();
  await services.stop();
});

async function say(device: string, fleet: string, minute: number, not: ManifestException[] = []) {
  const counts = { installed: 1, unchanged: 0, removed: 0, bytes: 9, requests: 1 };
  const received = T0 + minute * 60_000;
  const manifest = {
    ...formatManifestReceipt({ fleet, serial: 100, ...counts }, [], not),
    n: received,
  };
  await createRecordReport(services.table)({ kind: "manifest", device, at: received, manifest });
}

const cells = async (...args: string[]) => {
  const { out } = await services.cli(["status", ...args]);
  return out
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split("\t"));
};

test("what a fleet asked of a device that has left it, and that it lacks, waits and fails no more", async () => {
  const rows = await cells(LEAVER);
  expect(rows.map(([state, path, reason]) => [state, path, reason])).toEqual([
    ["left", "fails", `it has left ${FLEET}`],
    ["installed", "shared", ""],
    ["installed", "there", ""],
    ["left", "waits", `it has left ${FLEET}`],
  ]);
  expect(rows[1]?.[3]).toBe(sha256Of("O").slice(0, 8));
  expect((await cells(DEVICE)).map(([state, path]) => [state, path])).toContainEqual(["announced", "waits"]);
});

test("nor is it in trouble for that", async () => {
  const { out, err } = await services.cli(["status"]);
  const rows = out.split("\n").slice(0, -1);
  expect(rows.map((row) => row.split("\t").slice(0, 3))).toEqual([
    [DEVICE, "rolled-back", "fails"],
    [DEVICE, "failed", "waits"],
  ]);
  expect(err).toContain("2 files are not listed: their devices have left the fleet that asked for them");
});

test("where Notehub does not say who has left, it is shown as it was said", async () => {
  services.outputs.NotehubUrl = "http://127.0.0.1:1";
  await services.writeEndpoints();
  const rows = await cells(LEAVER);
  expect(rows.map(([state, path]) => [state, path])).toEqual([
    ["rolled-back", "fails"],
    ["announced", "new"],
    ["announced", "shared"],
    ["installed", "there"],
    ["announced", "waits"],
  ]);
  expect(await cells()).toHaveLength(4);
});
