import { mkdir, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import { MANIFEST_MAX_BYTES } from "../../protocol/limits.ts";
import { type Manifest, manifestDigest, parseManifest } from "../../protocol/manifest.ts";
import { EXCEPTION_STATES } from "../../protocol/manifest-exceptions.ts";
import { errnoOf } from "../system/errno.ts";
import { NotAFile, openRegularFile } from "../system/regular-file.ts";
import { REPLACING, removeDurably, replaceDurably } from "./durable-file.ts";
import { jsonRecord, readJsonFile } from "./json-record.ts";
import { recordName } from "./record-name.ts";

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const ManifestProgress = v.object({
  version: v.literal(1),
  /** SHA-256 of the manifest's text that the counts are of. */
  sha256: v.string(),
  /** The device that it was read for. */
  device: v.string(),
  installed: Count,
  removed: Count,
  bytes: Count,
  requests: Count,
  /** True once the fleet's variable was missing among others: its manifest comes after those of fleets that the device is in. */
  left: v.optional(v.literal(true)),
  /** What cannot be had as the manifest says, until it says something else. */
  exceptions: v.array(
    v.object({
      path: v.string(),
      sha256: v.string(),
      /** S3's VersionId: the same content may come back as another version, which is there to be had. */
      version: v.fallback(v.optional(v.string()), undefined),
      state: v.picklist(EXCEPTION_STATES),
      reason: v.string(),
      /** How its program ended. [NF-9.9] */
      ended: v.fallback(v.optional(v.string()), undefined),
    }),
  ),
  /** Patches that came with a step, base64, of files that are still to be delivered. */
  patches: v.array(
    v.object({ path: v.string(), base: v.string(), sha256: v.string(), size: Count, patch: v.string() }),
  ),
});

/** How far a device has come with a manifest. */
export type ManifestProgress = Omit<v.InferOutput<typeof ManifestProgress>, "version">;

/** The manifest of a fleet that this device goes by. `progress` is undefined where nothing is known of it. */
export type KeptManifest = {
  manifest: Manifest;
  sha256: string;
  /** Bytes of its text. */
  size: number;
  progress: ManifestProgress | undefined;
};

/**
 * The manifests of this device's fleets, on disk: the text of each, and how far it has come. A text that is lost is fetched again, a lost progress
 * is found out again.
 */
export type KeptManifests = {
  /** The one that came last is the last. */
  all(): ReadonlyMap<string, KeptManifest>;
  /** The text, from which a step may lead. */
  text(fleet: string): Promise<Buffer>;
  /** Takes the place of the fleet's manifest before; on disk when it returns. */
  keep(text: Buffer, manifest: Manifest, progress: ManifestProgress): Promise<void>;
  write(fleet: string, progress: ManifestProgress): Promise<void>;
  /** In memory also if the disk does not take it: the next run is told again. */
  forget(fleet: string): Promise<void>;
  /** Writes what the disk did not take of `write`. It never throws. */
  catchUp(): Promise<void>;
};

/** Told that a file could not be read, and why. */
type Unreadable = (file: string, error: unknown) => void;

/** The folder in the state folder where manifests are kept. */
export const manifestFolder = (state: string) => path.join(state, "manifests");

const TEXT = /^[0-9a-f]{32}\.json$/;
const textFile = (folder: string, fleet: string) => path.join(folder, `${recordName(fleet)}.json`);
const progressFile = (folder: string, fleet: string) => path.join(folder, `${recordName(fleet)}.progress`);

/** @param unreadable told of a record that the disk does not give: its fleet counts as not heard, and is heard anew */
export async function openKeptManifests(
  state: string,
  unreadable: Unreadable = () => undefined,
): Promise<KeptManifests> {
  const folder = manifestFolder(state);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder).catch(() => []))
    if (name.endsWith(REPLACING)) await rm(path.join(folder, name), { force: true }).catch(() => undefined);
  const kept = new Map(await readAll(folder, unreadable));
  const record = (fleet: string) => jsonRecord(progressFile(folder, fleet), ManifestProgress);
  /** Fleets whose progress in memory is not on disk. */
  const owed = new Set<string>();
  async function writeProgress(fleet: string, progress: ManifestProgress): Promise<void> {
    owed.add(fleet);
    await record(fleet).write({ version: 1, ...progress });
    owed.delete(fleet);
  }
  return {
    all: () => kept,
    text: (fleet) => readText(textFile(folder, fleet)),
    async keep(text, manifest, progress) {
      const { fleet } = manifest;
      // First what is known besides: it names contents, and does no harm to the manifest before.
      await record(fleet).write({ version: 1, ...progress });
      await replaceDurably(textFile(folder, fleet), text);
      kept.delete(fleet); // to come last
      kept.set(fleet, { manifest, sha256: progress.sha256, size: text.length, progress });
    },
    async write(fleet, progress) {
      const before = kept.get(fleet);
      if (before === undefined) throw new TypeError("there is no progress without a manifest");
      kept.set(fleet, { ...before, progress }); // also if the disk does not take it
      await writeProgress(fleet, progress);
    },
    async forget(fleet) {
      kept.delete(fleet);
      owed.delete(fleet);
      // Without its text it is none.
      await removeDurably(textFile(folder, fleet));
      await removeDurably(progressFile(folder, fleet));
    },
    async catchUp() {
      for (const fleet of [...owed]) {
        const { progress } = kept.get(fleet) ?? {};
        if (progress !== undefined) await writeProgress(fleet, progress).catch(() => undefined);
      }
    },
  };
}

/** For whoever only looks. */
export async function readKeptManifests(state: string): Promise<ReadonlyMap<string, KeptManifest>> {
  return new Map(await readAll(manifestFolder(state), () => undefined));
}

async function readAll(folder: string, unreadable: Unreadable): Promise<[string, KeptManifest][]> {
  const kept: { at: number; its: [string, KeptManifest] }[] = [];
  const names = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) !== "ENOENT") unreadable(folder, error);
    return [];
  });
  for (const name of names.filter((each) => TEXT.test(each))) {
    const file = path.join(folder, name);
    const text = await readText(file).catch((error: unknown) => {
      if (!(error instanceof NotAFile) && errnoOf(error) !== "ENOENT") unreadable(file, error);
      return undefined;
    });
    const manifest = text === undefined ? undefined : parseManifest(text);
    if (text === undefined || manifest === undefined || `${recordName(manifest.fleet)}.json` !== name)
      continue;
    const progress = await readJsonFile(progressFile(folder, manifest.fleet), ManifestProgress).catch(
      (error: unknown) => {
        unreadable(progressFile(folder, manifest.fleet), error);
        return "damaged" as const; // what was found out is found out again
      },
    );
    const found = typeof progress === "string" ? undefined : progress.value;
    const at = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    const its = { manifest, sha256: manifestDigest(text), size: text.length, progress: found };
    kept.push({ at, its: [manifest.fleet, its] });
  }
  return kept.toSorted((a, b) => a.at - b.at).map(({ its }) => its);
}

async function readText(place: string): Promise<Buffer> {
  const file = await openRegularFile(place);
  try {
    if ((await file.stat()).size > MANIFEST_MAX_BYTES) throw new NotAFile(`${place} is no manifest`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
