import { mkdir, readdir, rename } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import { removeDurably, syncFolder, writeDurably } from "../state/durable-file.ts";
import { InstalledFile } from "../state/installed-files.ts";
import { readJsonFile } from "../state/json-record.ts";
import { recordName } from "../state/record-name.ts";

const Subject = v.object({
  path: v.string(),
  /** The version on trial, as it was announced. */
  version: v.object({
    name: v.string(),
    size: v.number(),
    sha256: v.string(),
    etag: v.string(),
    version: v.optional(v.string()),
    seq: v.optional(v.string()),
  }),
  /** What the agent had installed there before. */
  before: v.optional(InstalledFile),
  /** The SHA-256 of what was there before, whoever had put it there. */
  kept: v.optional(v.string()),
});

type Subject = v.InferOutput<typeof Subject>;

/** What is known of a trial so far. */
type Standing = {
  /** Starts whose end nobody saw: the agent died, perhaps because of them. */
  starts: number;
  /** Starts cut short because the agent was told to stop, perhaps by the program. */
  stops: number;
  /** Its program was seen to fail, and is not started again. */
  condemned: boolean;
};

/** A version in its place whose program has not shown that it runs. */
export type Trial = Subject & Standing;

/**
 * Trials on disk, one per path.
 *
 * INVARIANT: only `begin` needs room on the disk. Everything after it is told by the name of the file, so that a full disk
 * stops no verdict.
 */
export type Trials = {
  all(): Trial[];
  of(filePath: string): Trial | undefined;
  /** Counts the first start too, before it is made. */
  begin(subject: Subject): Promise<Trial>;
  /** Counts one more start. */
  restart(filePath: string): Promise<void>;
  /** An orderly stop of the agent ended the last start, or prevented it (`made` is false). */
  cutShort(filePath: string, made: boolean): Promise<void>;
  /** Holds in memory even if the disk takes nothing; calling it again writes it. */
  condemn(filePath: string): Promise<void>;
  /** If the disk does not allow the removal now, a later call repeats it. */
  end(filePath: string): Promise<void>;
  /** Removes what earlier calls left, before another run of the agent takes it for trials. */
  sweep(): Promise<void>;
};

export async function openTrials(folder: string): Promise<Trials> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const trials = new Map<string, { trial: Trial; file: string }>();
  const leftOver = new Set<string>();
  for (const name of await readdir(folder)) {
    const [file, standing] = [path.join(folder, name), standingOf(name)];
    const found = standing === undefined ? undefined : await readJsonFile(file, Subject);
    if (standing !== undefined && typeof found === "object") {
      trials.set(found.value.path, { trial: { ...found.value, ...standing }, file });
    } else {
      leftOver.add(file); // begun by a run that was killed
    }
  }

  async function move(filePath: string, change: (standing: Standing) => Standing): Promise<void> {
    const entry = trials.get(filePath);
    if (entry === undefined) return;
    const standing = change(entry.trial);
    const file = path.join(folder, nameOf(filePath, standing));
    if (file !== entry.file) await rename(entry.file, file);
    Object.assign(entry, { file, trial: { ...entry.trial, ...standing } });
    await syncFolder(folder);
  }

  async function sweep(): Promise<void> {
    for (const file of leftOver) {
      await removeDurably(file);
      leftOver.delete(file);
    }
  }

  return {
    sweep,
    all: () => [...trials.values()].map(({ trial }) => trial),
    of: (filePath) => trials.get(filePath)?.trial,
    async begin(subject) {
      const earlier = trials.get(subject.path);
      if (earlier !== undefined) leftOver.add(earlier.file);
      await sweep(); // no other trial of this path may come back to life
      const trial: Trial = { ...subject, starts: 1, stops: 0, condemned: false };
      const file = path.join(folder, nameOf(subject.path, trial));
      await writeDurably(file, `${JSON.stringify(subject, undefined, 2)}\n`);
      trials.set(subject.path, { trial, file });
      return trial;
    },
    restart: (filePath) => move(filePath, (standing) => ({ ...standing, starts: standing.starts + 1 })),
    cutShort: (filePath, made) =>
      move(filePath, ({ starts, stops, condemned }) => ({
        starts: starts - 1,
        stops: stops + (made ? 1 : 0),
        condemned,
      })),
    async condemn(filePath) {
      const entry = trials.get(filePath);
      if (entry !== undefined) entry.trial = { ...entry.trial, condemned: true };
      await move(filePath, (standing) => ({ ...standing, condemned: true }));
    },
    async end(filePath) {
      const entry = trials.get(filePath);
      if (entry !== undefined) leftOver.add(entry.file);
      trials.delete(filePath);
      await sweep().catch(() => undefined);
    },
  };
}

/** The versions on trial, by path, for a reader that changes nothing. */
export async function readTrials(folder: string): Promise<ReadonlyMap<string, Trial>> {
  const trials = new Map<string, Trial>();
  for (const name of await readdir(folder).catch(() => [])) {
    const standing = standingOf(name);
    const found = standing === undefined ? undefined : await readJsonFile(path.join(folder, name), Subject);
    if (standing !== undefined && typeof found === "object") {
      trials.set(found.value.path, { ...found.value, ...standing });
    }
  }
  return trials;
}

function nameOf(filePath: string, { starts, stops, condemned }: Standing): string {
  const key = recordName(filePath);
  return condemned ? `${key}.condemned` : `${key}.${starts}-${stops}`;
}

/** Undefined if the file is no trial. */
function standingOf(name: string): Standing | undefined {
  const [, mark, starts, stops] = /^[0-9a-f]{32}\.(condemned|(\d+)-(\d+))$/.exec(name) ?? [];
  if (mark === undefined) return undefined;
  return { starts: Number(starts ?? 0), stops: Number(stops ?? 0), condemned: mark === "condemned" };
}
