import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createRecordReport } from "../../../../functions/delivery-recorder/record/record-report.ts";
import type { ManifestException } from "../../../../protocol/manifest-exceptions.ts";
import { formatManifestReceipt } from "../../../../protocol/manifest-receipt.ts";
import { isInShare } from "../../../../protocol/share.ts";
import { createFleetTeller, fleetFile, sha256Of } from "../../support/fleet-teller.ts";
import { DEVICE, type Services, startServices } from "../../support/services.ts";

const FLEET = "fleet:1042ddc5-0000-4000-8000-000000000001";
const KEY = `fleets/${FLEET}/app/main.py`;
const T0 = Date.UTC(2026, 10, 28, 12);
const at = (minute: number) => new Date(T0 + minute * 60_000).toISOString();

let services: Services;
let teller: Awaited<ReturnType<typeof createFleetTeller>>;
const SHARE: [number, string] = [50, "salt"];
const of = (isIn: boolean) => (device: string) => isInShare(SHARE, device) === isIn;
const names = Array.from({ length: 40 }, (_, n) => `dev:${n}`);
const [CURRENT = "", FAILING = ""] = names.filter(of(true));
const [BEHIND = "", OUTSIDE = "", GONE = ""] = names.filter(of(false));
/** It was never heard of. */
const SILENT = DEVICE;

beforeAll(async () => {
  services = await startServices({
    ...{ table: true, manifests: true, fleets: [FLEET], devices: [CURRENT, BEHIND, FAILING, OUTSIDE] },
  });
  teller = await createFleetTeller(services.folder, FLEET);
  for (const [minute, letter] of ["A", "B", "C"].entries())
    await teller.announce(100 + minute, T0 + minute * 60_000, {
      [KEY]: fleetFile(letter, letter === "C" ? { share: SHARE, previous: fleetFile("B") } : {}),
      [`fleets/${FLEET}/other`]: fleetFile("O"),
    });
  await say(CURRENT, 102, 10);
  await say(BEHIND, 100, 11);
  await say(FAILING, 102, 12, [["app/main.py", "failed", "run"]]);
  await say(GONE, 101, 13); // it has left the fleet
  await say(OUTSIDE, 102, 9);
}, 60_000);
afterEach(async () => {
  services.faults.aws = undefined;
  services.faults.s3 = undefined;
  services.outputs.NotehubUrl = services.notehub.url;
  await services.writeEndpoints();
});
afterAll(async () => {
  teller[Symbol.dispose]();
  await services.stop();
});

async function say(device: string, serial: number, minute: number, not: ManifestException[] = []) {
  const counts = { installed: 1, unchanged: 1, removed: 0, bytes: 9, requests: 1 };
  const received = T0 + minute * 60_000;
  const manifest = { ...formatManifestReceipt({ fleet: FLEET, serial, ...counts }, [], not), n: received };
  await createRecordReport(services.table)({ kind: "manifest", device, at: received, manifest });
}

test("the devices of a fleet are told by how far they are, those first that somebody should look at", async () => {
  expect(await services.cli(["status", FLEET])).toEqual({
    code: 0,
    err: "",
    out: [
      [FAILING, "exceptions", "102", "app/main.py: rolled-back (run)", at(12)],
      [BEHIND, "behind", "100", "lacks the last 2 manifests", at(1)],
      [SILENT, "not-heard", "", "", at(2)],
      [CURRENT, "current", "102", "", at(10)],
      [OUTSIDE, "current", "102", "", at(9)],
    ]
      .map((row) => `${row.join("\t")}\n`)
      .join(""),
  });
});

// Not the last one: questions that it cuts are still on their way.
test("--watch asks Notehub once for who is in the fleet", async () => {
  const asked = () =>
    services.notehub
      .calls()
      .calls.filter(({ path }) => path.includes("/fleets/"))
      .reduce((sum, { count }) => sum + count, 0);
  const before = asked();
  const interrupt = new AbortController();
  let looks = 0;
  services.faults.aws = (action) => {
    if (action === "dynamodb:Query") looks += 1;
    if (looks > 20) interrupt.abort(); // each look asks nine questions
  };
  const run = await services.cli(["status", FLEET, "--watch"], { signal: interrupt.signal });
  expect(run.code).toBe(130);
  expect(asked() - before).toBe(1);
}, 30_000);

test("above them a person reads what the fleet was told; a program has all of it", async () => {
  const { out, err } = await services.cli(["status", FLEET, "--limit", "1"], { terminal: true });
  expect(out.split("\n").slice(0, 4)).toEqual([
    `${FLEET}: 2 files, serial 102, announced ${at(2)}`,
    `${KEY} is for 50 % of its devices`,
    "devices: 1 with exceptions, 1 behind, 1 not heard of, 2 current",
    "",
  ]);
  expect(err).toBe("and 4 more: --limit shows them\n");
  expect((await services.json(["status", FLEET])).json).toMatchObject({
    ...{ fleet: FLEET, serial: 102, announced: at(2), files: 2, shares: [{ key: KEY, percent: 50 }] },
    counts: { exceptions: 1, behind: 1, "not-heard": 1, current: 2 },
    devices: [
      { device: FAILING, exceptions: [{ path: "app/main.py", state: "failed", reason: "run" }], more: 0 },
      { device: BEHIND, serial: 100, lacks: 2, since: at(1) },
      { device: SILENT },
      { device: CURRENT },
      { device: OUTSIDE },
    ],
  });
});

test("a file is told of each device of its fleet, in its share or not, by what manifests and receipts say", async () => {
  const { json, err } = await services.json(["status", KEY]);
  expect(err).toBe("");
  expect(json.counts).toEqual({ announced: 2, installed: 2, "rolled-back": 1 });
  expect(json.devices).toMatchObject([
    { device: BEHIND, state: "announced", share: "out", sha256: sha256Of("B") },
    { device: SILENT, state: "announced", at: at(2) },
    { device: CURRENT, state: "installed", share: "in", sha256: sha256Of("C"), at: at(10) },
    { device: OUTSIDE, state: "installed", share: "out", sha256: sha256Of("B") },
    { device: FAILING, state: "rolled-back", reason: "run", share: "in", sha256: sha256Of("C") },
  ]);
});

test("a device is told with what its fleets were told, whether it spoke of that or not", async () => {
  const rows = async (device: string) =>
    (await services.cli(["status", device])).out.split("\n").slice(0, -1);
  const other = `installed\tother\t\tOOOOOOOO\t${at(9)}`;
  expect(await rows(OUTSIDE)).toEqual([
    `installed\tapp/main.py\toutside the share\tBBBBBBBB\t${at(9)}`,
    other,
  ]);
  expect(await rows(FAILING)).toEqual([
    `rolled-back\tapp/main.py\trun\tCCCCCCCC\t${at(12)}`,
    other.replace(at(9), at(12)),
  ]);
  expect((await rows(SILENT)).map((row) => row.split("\t").slice(0, 2))).toEqual([
    ["announced", "app/main.py"],
    ["announced", "other"],
  ]);
  const { json } = await services.json(["status"]);
  expect(json.devices.map((each: { device: string }) => each.device)).toContain(CURRENT);
});

test("where the buckets may not be read, what the table has is shown, and that this is not all", async () => {
  services.faults.s3 = () => ({ fail: "AccessDenied" });
  const run = await services.cli(["status", CURRENT]);
  expect(run).toMatchObject({ code: 0, out: "" });
  expect(run.err).toMatch(/^what fleets were told is not known: AWS does not allow it/);
});

test("without Notehub it is told as far as it is known", async () => {
  services.outputs.NotehubUrl = "http://127.0.0.1:1";
  await services.writeEndpoints();
  const { code, json, err } = await services.json(["status", FLEET]);
  expect(code).toBe(0);
  expect(json.counts).toEqual({ exceptions: 1, behind: 2, "not-heard": 0, current: 2 });
  expect(err).toMatch(/^who was never heard of is not known: http:\/\/127\.0\.0\.1:1 cannot be reached/);
});

test("what waits to be announced, and who holds it, is told", async () => {
  const before = teller.state;
  await teller.write({ changedAt: T0 + 180_000 });
  const until = Date.now() + 60_000;
  await teller.hold(until, "kim");
  const { out } = await services.cli(["status", FLEET], { terminal: true });
  expect(out.split("\n")[1]).toBe(
    `changed since ${at(3)}, and held by kim until ${new Date(until).toISOString()} at the latest`,
  );
  await teller.hold(1, "kim");
  const { json } = await services.json(["status", FLEET]);
  expect(json.waiting).toEqual({ since: at(3), isUncertain: false });
  await teller.write({ ...before, changedAt: undefined });
});

test("a fleet of which nothing was announced yet, and a version for a part without one before, are said to be so", async () => {
  const before = teller.state;
  await teller.announce(103, T0 + 240_000, { [KEY]: fleetFile("D", { share: [0, "salt"] }) });
  const { code, out, err } = await services.cli(["status", KEY]);
  expect({ code, out }).toEqual({ code: 0, out: "" });
  expect(err).toMatch(/^\d devices are not listed: outside the share, with no version before for them/);
  await teller.write({ ...before, announced: undefined, changedAt: undefined });
  expect((await services.cli(["status", FLEET])).err).toMatch(
    /no file was announced to any of these \d devices yet/,
  );
  await teller.write(before);
});

test("a file whose newest version waits is told with that, and others without", async () => {
  const before = teller.state;
  const files = { ...before.files, [KEY]: fleetFile("N"), [`fleets/${FLEET}/new`]: fleetFile("N") };
  await teller.write({ changedAt: T0 + 180_000, files });
  const waits = `until it is announced, this is not about the newest: ${FLEET} changed since ${at(3)}, and not announced yet`;
  expect(await services.cli(["status", KEY])).toMatchObject({ code: 0, err: `${waits}\n` });
  expect(await services.cli(["status", `fleets/${FLEET}/other`])).toMatchObject({ code: 0, err: "" });
  const fresh = await services.cli(["status", `fleets/${FLEET}/new`]);
  expect(fresh.err).toContain("nobody was ever told of");
  expect(fresh.err).toContain(`${FLEET} changed since ${at(3)}, and not announced yet`);
  await teller.write({ ...before, changedAt: undefined });
});
