import { mkdir, readdir, rename } from "node:fs/promises";
import path from "node:path";
import { removeDurably, syncFolder, writeDurably } from "../state/durable-file.ts";
import {
  formatTrial,
  readTrial,
  type Standing,
  type Trial,
  type TrialMember,
  trialName,
} from "./trial-record.ts";

/**
 * Trials on disk, each of a unit; a path belongs to one at most, and any of its paths names it.
 *
 * INVARIANT: only `begin` needs room on the disk. Everything after it is told by the name of the file, so that a full disk
 * stops no verdict.
 */
export type Trials = {
  all(): Trial[];
  of(filePath: string): Trial | undefined;
  /** On disk before the first file of the unit is put in its place. Counts the first start too, before it is made. */
  begin(members: readonly TrialMember[]): Promise<Trial>;
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

type Entry = { trial: Trial; file: string };

export async function openTrials(folder: string): Promise<Trials> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const entries = new Set<Entry>();
  const leftOver = new Set<string>();
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const trial = await readTrial(folder, name);
    if (trial === undefined)
      leftOver.add(file); // begun by a run that was killed
    else entries.add({ trial, file });
  }

  const entryOf = (filePath: string) =>
    [...entries].find(({ trial }) => trial.members.some((member) => member.path === filePath));

  async function move(filePath: string, change: (standing: Standing) => Standing): Promise<void> {
    const entry = entryOf(filePath);
    if (entry === undefined) return;
    const standing = change(entry.trial);
    const file = path.join(folder, trialName(entry.trial.members, standing));
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

  function forget(filePath: string): void {
    const entry = entryOf(filePath);
    if (entry === undefined) return;
    leftOver.add(entry.file);
    entries.delete(entry);
  }

  return {
    sweep,
    all: () => [...entries].map(({ trial }) => trial),
    of: (filePath) => entryOf(filePath)?.trial,
    async begin(members) {
      for (const member of members) forget(member.path);
      await sweep(); // no other trial of these paths may come back to life
      const trial: Trial = { members, starts: 1, stops: 0, condemned: false };
      const file = path.join(folder, trialName(members, trial));
      await writeDurably(file, formatTrial(members));
      entries.add({ trial, file });
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
      const entry = entryOf(filePath);
      if (entry !== undefined) entry.trial = { ...entry.trial, condemned: true };
      await move(filePath, (standing) => ({ ...standing, condemned: true }));
    },
    async end(filePath) {
      forget(filePath);
      await sweep().catch(() => undefined);
    },
  };
}

/** What is on trial, for a reader that changes nothing. */
export async function readTrials(folder: string): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const trial = await readTrial(folder, name);
    if (trial !== undefined) trials.push(trial);
  }
  return trials;
}
