import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createRecordReport } from "../../../functions/delivery-recorder/record/record-report.ts";
import { type FilesBucket, openFilesBucket } from "../../../operator/cloud/files/files-bucket.ts";
import { readLocalDeployment } from "../../../operator/cloud/local-deployment.ts";
import { fileItem } from "../../../protocol/delivery-items.ts";
import type { ManifestException } from "../../../protocol/manifest-exceptions.ts";
import { formatManifestReceipt } from "../../../protocol/manifest-receipt.ts";
import { isInShare, saltOf } from "../../../protocol/share.ts";
import { createFleetTeller, fleetFile } from "../support/fleet-teller.ts";
import { DEVICE } from "../support/services.ts";
import {
  type ConsoleUnderTest,
  firstLines,
  headersOf,
  startConsoleUnderTest,
} from "./support/console-under-test.ts";

const FLEET = "fleet:1042ddc5-0000-4000-8000-000000000001";
const KEY = `fleets/${FLEET}/app/main.py`;
const T0 = Date.now() - 60_000;
const OTHERS = Array.from({ length: 30 }, (_, n) => `dev:${n}`);
const ALL = [DEVICE, ...OTHERS];
const inAt = (percent: number) => ALL.filter((device) => isInShare([percent, saltOf(versionId)], device));

let under: ConsoleUnderTest;
let bucket: FilesBucket;
let teller: Awaited<ReturnType<typeof createFleetTeller>>;
let versionId = "";
beforeAll(async () => {
  under = await startConsoleUnderTest({ manifests: true, fleets: [FLEET], devices: OTHERS });
  bucket = openFilesBucket(await readLocalDeployment(under.services.folder));
  teller = await createFleetTeller(under.services.folder, FLEET);
  versionId = (await put("1")).versionId;
  await teller.announce(100, T0, { [KEY]: fleetFile("A", { version: "v-old" }) });
  const share: [number, string] = [50, saltOf(versionId)];
  const file = fleetFile("B", { version: versionId, share, previous: fleetFile("A", { version: "v-old" }) });
  await teller.announce(101, T0 + 1, { [KEY]: file });
}, 60_000);
afterEach(() => {
  delete under.services.outputs.FleetAnnouncements;
});
afterAll(async () => {
  teller[Symbol.dispose]();
  bucket[Symbol.dispose]();
  await under.stop();
});

async function put(body: string, query = ""): Promise<{ versionId: string }> {
  const path = `/api/upload?key=${encodeURIComponent(KEY)}${query}`;
  const reply = await under.ask("PUT", path, { body, headers: { "content-length": body.length } });
  expect(reply.status).toBe(200);
  return JSON.parse(reply.text);
}

async function say(device: string, serial: number, not: ManifestException[] = []) {
  const counts = { installed: 1, unchanged: 0, removed: 0, bytes: 9, requests: 1 };
  const manifest = { ...formatManifestReceipt({ fleet: FLEET, serial, ...counts }, [], not), n: T0 + 10 };
  await createRecordReport(under.services.table)({ kind: "manifest", device, at: T0 + 10, manifest });
}

const view = async (path: string, lines = 1) =>
  (await firstLines(under.origin, path, under.token, lines)).at(-1) as { view: Record<string, unknown> };

const queue = () => under.services.queues.get("FileQueue");

test("what each share would mean is said in devices, and that changes nothing [NF-11.8]", async () => {
  const { status, text } = await under.ask("GET", `/api/share?key=${encodeURIComponent(KEY)}`);
  const plan = JSON.parse(text);
  expect({ status, plan }).toMatchObject({
    status: 200,
    plan: { key: KEY, fleet: FLEET, versionId, n: 1, bytes: 1, percent: 50, hasBefore: true },
  });
  expect(plan.devices.in).toBe(inAt(50).length);
  expect(plan.devices.at.length).toBe(101);
  for (const percent of [0, 1, 33, 99, 100]) expect(plan.devices.at[percent]).toBe(inAt(percent).length);
  expect(queue().depth().visible).toBe(0);
});

test("the notifier is told of a share, but not of that of a version that is not the newest [NF-11.8]", async () => {
  const ask = (body: object) => under.ask("POST", "/api/share", { body: JSON.stringify(body) });
  const old = await ask({ key: KEY, versionId: "v-old", percent: 10 });
  expect({ status: old.status, problem: JSON.parse(old.text).problem }).toEqual({
    status: 400,
    problem: `${KEY} has another version by now: look again`,
  });
  expect((await ask({ key: KEY, versionId, percent: 101 })).status).toBe(400);
  expect((await ask({ key: "app/main.py", versionId, percent: 1 })).status).toBe(400);
  expect(queue().depth().visible).toBe(0);
  expect((await ask({ key: KEY, versionId, percent: 75 })).status).toBe(200);
  const [message] = await queue().receive({ max: 1, waitSeconds: 5 });
  expect(JSON.parse(message?.body ?? "")).toEqual({
    share: { bucket: "files", key: KEY, versionId, percent: 75 },
  });
  queue().delete(message?.receiptHandle ?? "");
});

test("a file's page has its share, every device of the fleet, and the states that manifests alone have", async () => {
  const [inside = ""] = inAt(50);
  const [outside = "", held = ""] = ALL.filter((device) => !inAt(50).includes(device));
  await say(inside, 101);
  await say(outside, 101, [["app/main.py", "unchanged", "own-key"]]);
  await say(held, 101, [["app/main.py", "held-back", "gone"]]);
  const path = `/api/file?key=${encodeURIComponent(KEY)}`;
  await expect
    .poll(async () => (await view(path, 2)).view)
    .toMatchObject({
      share: { fleet: FLEET, versionId, percent: 50 },
      isAnnounced: true,
      states: [
        ["held-back", 1],
        ["announced", ALL.length - 3],
        ["installed", 1],
        ["overruled", 1],
      ],
      notes: [],
    });
  expect((await view(`${path}&state=overruled`)).view).toMatchObject({
    lines: [{ device: outside, state: "overruled", reason: "own-key; outside the share" }],
  });
});

test("what a device has that took a version back is not known, where it said long ago that it had nothing", async () => {
  const [, device = ""] = inAt(50);
  const said = { key: KEY, sha256: "B".repeat(43), state: "failed" as const, reason: "run" };
  const reported = { ...said, n: T0 + 20, bytes: 1, requests: 1, at: T0 + 20 };
  const value = { device, path: "app/main.py", placed: { n: 1, at: 1 }, reported };
  await under.services.table.putOver(fileItem({ value, revision: 0 }, undefined));
  const path = `/api/file?key=${encodeURIComponent(KEY)}`;
  await expect.poll(async () => (await view(path, 2)).view).toMatchObject({ unknown: 3, others: 0 }); // besides, of what it does not have as it should, two devices said no more
});

test("a fleet's page tells how far each device is, and a list of fleets how many are how far", async () => {
  const [inside = ""] = inAt(50);
  const { view: list } = await view("/api/fleets");
  expect(list).toMatchObject({
    areTold: true,
    fleets: [
      {
        ...{ fleet: FLEET, serial: 101, files: 1, shares: [{ key: KEY, percent: 50 }] },
        stages: [
          ["exceptions", 2],
          ["current", 1],
        ],
      },
    ],
  });
  await expect
    .poll(async () => (await view(`/api/fleet?id=${FLEET}&stage=not-heard`, 1)).view)
    .toMatchObject({ devices: { length: ALL.length - 3 }, notes: [] });
  const shown = await view(`/api/fleet?id=${FLEET}&stage=exceptions`);
  expect(shown.view).toMatchObject({
    devices: [{ reason: expect.stringMatching(/^app\/main\.py: (?:held back|overruled) /) }, {}],
  });
  expect((await view(`/api/fleet?id=${FLEET}&stage=current`)).view).toMatchObject({
    devices: [{ device: inside, stage: "current", serial: 101, reason: "" }],
  });
  expect((await view("/api/fleet?id=fleet:none")).view).toEqual({ devices: [], withheld: [], notes: [] });
  expect((await view(`/api/device?id=${inside}`)).view).toMatchObject({
    fleets: [{ fleet: FLEET, device: { stage: "current", serial: 101 } }],
    events: [{ state: "manifest", fleet: FLEET, reason: "1 installed" }],
  });
});

test("a fleet is held for as long as the browser stays, so that its files are one manifest [NF-11.14]", async () => {
  const held = async () => (await view(`/api/fleet?id=${FLEET}`)).view.line as { waiting?: object };
  await teller.write({ changedAt: Date.now() });
  const leaving = new AbortController();
  const reply = await fetch(`${under.origin}/api/hold`, {
    ...{ method: "POST", headers: headersOf(under.origin, under.token), signal: leaving.signal },
    body: JSON.stringify({ key: KEY }),
  });
  expect((await reply.body?.getReader().read())?.value?.length).toBeGreaterThan(0);
  expect(await held()).toMatchObject({ waiting: { held: { by: "the console" } } });
  leaving.abort();
  await expect.poll(async () => (await held()).waiting).not.toHaveProperty("held.by");
  const none = await under.ask("POST", "/api/hold", { body: JSON.stringify({ key: "app/main.py" }) });
  expect({ status: none.status, text: none.text }).toEqual({ status: 200, text: "{}\n" });
});

test("an upload says for what part of the fleet it is; where there are no parts it is refused [NF-11.8]", async () => {
  const made = await put("22", "&share=2.5");
  const command = new HeadObjectCommand({ Bucket: "files", Key: KEY, VersionId: made.versionId });
  expect((await bucket.client.send(command)).Metadata).toEqual({ "noteferry-share": "2.5%" });
  for (const query of ["key=app/main.py&share=5", `key=${encodeURIComponent(KEY)}&share=x`]) {
    const { status } = await under.ask("PUT", `/api/upload?${query}`, {
      body: "x",
      headers: { "content-length": 1 },
    });
    expect({ query, status }).toEqual({ query, status: 400 });
  }
  // The notifier has not looked at it: until then neither its share nor its devices are known.
  expect((await view(`/api/file?key=${encodeURIComponent(KEY)}`)).view).toMatchObject({
    share: { versionId: made.versionId },
    isAnnounced: false,
  });
  const plan = await under.ask("GET", `/api/share?key=${encodeURIComponent(KEY)}`);
  expect({ status: plan.status, problem: JSON.parse(plan.text).problem }).toMatchObject({
    status: 502,
    problem: expect.stringContaining("the notifier has not looked at the newest version"),
  });
});

test("a plan tells whether a part may get it, and without Notehub that the devices are not known", async () => {
  const body = JSON.stringify({ to: FLEET, folder: "", files: [{ path: "x", bytes: 1 }] });
  const plan = async () => JSON.parse((await under.ask("POST", "/api/plan", { body })).text);
  expect(await plan()).toMatchObject({ devices: ALL.length, hasShares: true });
  const none = JSON.stringify({ to: "fleet:b", folder: "", files: [{ path: "x", bytes: 1 }] });
  expect((await under.ask("POST", "/api/plan", { body: none })).status).toBe(404);
});

test("none of that was a fault of the console", () => {
  expect(under.faults).toEqual([]);
});
