import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextProgress, progressOf } from "../../../agent/manifest/progress.ts";
import { manifestFolder, openKeptManifests } from "../../../agent/state/kept-manifests.ts";
import { formatManifest, type Manifest, manifestDigest } from "../../../protocol/manifest.ts";
import { createRandom, readSeed } from "../../support/seeded-random.ts";
import { startDevice } from "../support/agent-under-test.ts";
import { deviceOfFleet, filesOf } from "../support/fleet-device.ts";
import { createFleet } from "../support/fleet-files.ts";
import { withDisk } from "../support/updated-device.ts";

const LONG = process.env.NOTEFERRY_FAULTS === "long";

const MANIFEST: Manifest = {
  ...{ fleet: "fleet:1", serial: 7, prune: false },
  files: [{ path: "a", key: "fleets/fleet:1/a", size: 1, sha256: "A".repeat(43), version: "v1" }],
};
const TEXT = Buffer.from(formatManifest(MANIFEST));
const PROGRESS = progressOf(undefined, manifestDigest(TEXT), "dev:1");

/** A state folder with a manifest in it. */
async function kept() {
  const { folder } = await startDevice();
  await (await openKeptManifests(folder)).keep(TEXT, MANIFEST, PROGRESS);
  const files = (await readdir(manifestFolder(folder))).map((name) =>
    path.join(manifestFolder(folder), name),
  );
  return { folder, files };
}

describe("a manifest that is kept", () => {
  test("is read again as it was", async () => {
    const { folder } = await kept();
    const read = (await openKeptManifests(folder)).all().get("fleet:1");
    expect(read).toMatchObject({ manifest: MANIFEST, sha256: manifestDigest(TEXT), progress: PROGRESS });
  });

  test("has on disk how far it came, once a disk that was full takes that", async () => {
    const { folder, files } = await kept();
    const manifests = await openKeptManifests(folder);
    const progress = `${files.find((file) => file.endsWith(".progress"))}.new`;
    await mkdir(progress);
    await expect(manifests.write("fleet:1", { ...PROGRESS, left: true })).rejects.toThrow();
    await manifests.catchUp(); // in vain
    await rmdir(progress);
    await manifests.catchUp();
    expect((await openKeptManifests(folder)).all().get("fleet:1")?.progress?.left).toBe(true);
  });

  test("and is torn anywhere is only work again", async () => {
    const random = createRandom(readSeed());
    const { folder, files } = await kept();
    const whole = await Promise.all(files.map((file) => readFile(file)));
    for (let run = 0; run < (LONG ? 2000 : 60); run += 1) {
      for (const [at, file] of files.entries()) {
        const bytes = Buffer.from(whole[at] ?? "");
        if (random.chance(0.5)) bytes[random.below(bytes.length)] = random.below(256);
        await writeFile(file, random.chance(0.5) ? bytes.subarray(0, random.below(bytes.length)) : bytes);
      }
      const read = (await openKeptManifests(folder)).all().get("fleet:1");
      if (read !== undefined) expect(progressOf(read.progress, read.sha256, "dev:1").exceptions).toEqual([]);
    }
  });
});

test.each([
  ["a manifest", "[0-9a-f]{32}\\.json$"],
  ["how far it came", "[0-9a-f]{32}\\.progress$"],
])(
  "a disk that does not give %s keeps no agent from starting: it says so, and hears the fleet anew",
  async (_, read) => {
    const { fleet, start, spawn, receipts, content } = await deviceOfFleet();
    fleet.announce({ a: Buffer.from("1") });
    const agent = start();
    await agent.next("brought");
    await agent.stop();
    const { serial } = fleet.announce({ a: Buffer.from("2") });
    const next = spawn(withDisk([{ read: `manifests/${read}`, code: "EIO" }]));
    expect(await next.next("record-unreadable")).toMatchObject({ detail: expect.stringContaining("EIO") });
    expect(await next.next("brought")).toMatchObject({ serial, installed: 1 });
    expect(await content("a")).toEqual(Buffer.from("2"));
    await expect.poll(() => receipts().at(-1)).toMatchObject({ serial });
  },
);

test("what is known of versions that are still asked for goes with the next manifest, and no more than a disk bears", () => {
  const entry = fc.record({
    path: fc.constantFrom("a", "b"),
    sha256: fc.constantFrom("A".repeat(43), "B".repeat(43)),
  });
  fc.assert(
    fc.property(fc.array(entry), fc.nat(300), (entries, patches) => {
      const before = {
        ...PROGRESS,
        installed: 5,
        exceptions: entries.map((each) => ({ ...each, state: "failed" as const, reason: "run" })),
        patches: Array.from({ length: patches }, () => ({
          path: "a",
          base: "AAAAAAAA",
          sha256: "x",
          size: 1,
          patch: "",
        })),
      };
      const next = nextProgress(before, { manifest: MANIFEST, patches: new Map() }, "dev:1", "new", {
        bytes: 3,
        requests: 1,
      });
      expect(next.installed).toBe(0);
      expect(next.patches.length).toBe(Math.min(128, patches));
      expect(next.exceptions).toHaveLength(
        entries.filter(({ path: its, sha256 }) => its === "a" && sha256 === "A".repeat(43)).length,
      );
    }),
  );
});

test("a manifest that is another than was announced is fetched twice, and no more", async () => {
  const { card, fleet, start, content } = await deviceOfFleet({ noZstd: true });
  fleet.announce(filesOf(1));
  for (const [key, bytes] of card.files) if (key.startsWith("packed:")) card.files.set(key, spoilt(bytes));
  const agent = start({ flags: ["--rest", "0.02"] });
  await agent.next("manifest-failed");
  expect(await agent.next("manifest-failed")).toMatchObject({ reason: "wrong-hash" });
  const fetches = card.fetches;
  for (const text of ["a Note", "another"]) {
    card.publish("note.txt", Buffer.from(text)); // two looks at the variables more
    await agent.next("installed");
  }
  expect(card.fetches).toBe(fetches + 2);
  fleet.announce({ last: Buffer.from("right") });
  await agent.next("brought");
  expect(await content("last")).toEqual(Buffer.from("right"));
});

function spoilt(bytes: Buffer): Buffer {
  const other = Buffer.from(bytes);
  other[5] = (other[5] ?? 0) ^ 1;
  return other;
}

test(
  "variables, manifests and steps of strangers end no agent, and bring nothing that was not asked for",
  async () => {
    const random = createRandom(readSeed() + 1);
    const device = await deviceOfFleet();
    const { card, fleet, start, content } = device;
    const files = filesOf(2);
    fleet.announce(files);
    const agent = start({ flags: ["--rest", "0.02"] });
    await agent.next("brought");
    for (let run = 0; run < (LONG ? 500 : 25); run += 1) {
      const before = new Map(card.files);
      const next = { "app/file-0.py": Buffer.from(`version ${run}`) };
      fleet.announce(next);
      const value = card.variables.get(fleet.variable) ?? "";
      for (const [key, bytes] of card.files) {
        if (before.has(key) || !key.startsWith("packed:")) continue;
        const spoilt = Buffer.from(bytes);
        spoilt[random.below(spoilt.length)] = random.below(256);
        card.files.set(key, random.chance(0.3) ? spoilt.subarray(0, random.below(spoilt.length)) : spoilt);
      }
      const broken = `${value.slice(0, random.below(value.length))}${random.pick(["", "}", "9", '"', "[]"])}`;
      if (random.chance(0.5)) card.setVariable(fleet.variable, broken);
      card.publish("note.txt", Buffer.from(`note ${run}`));
      await agent.next("installed");
      await expect.poll(() => content("note.txt")).toEqual(Buffer.from(`note ${run}`));
    }
    const right = createFleet(card);
    right.announce(files); // a lower serial, of which nothing comes
    for (let serial = 0; serial < 600; serial += 200) right.announce({});
    for (let more = 0; more < (LONG ? 520 : 45); more += 1)
      right.announce({ "app/last": Buffer.from(`${more}`) });
    await expect.poll(() => content("app/last")).toEqual(Buffer.from(LONG ? "519" : "44"));
    expect(await content("app/file-1.py")).toEqual(files["app/file-1.py"]);
  },
  LONG ? 3_600_000 : 60_000,
);
