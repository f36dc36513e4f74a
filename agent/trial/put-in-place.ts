import { stat } from "node:fs/promises";
import type { Emit } from "../events/delivery-event.ts";
import type { SpaceClaim } from "../install/disk-space.ts";
import { digestOfFile } from "../install/read-file.ts";
import type { AskedVersion } from "../link/link.ts";
import { createTrialConductor, type TrialConductor, type TrialPrograms } from "./conduct-trials.ts";
import { ruleFor } from "./run-rule.ts";
import type { TrialFiles } from "./take-back.ts";
import type { Trial } from "./trials.ts";

/** Puts verified versions in their places and has them run. */
export type Placing = Pick<TrialConductor, "settle"> & {
  /**
   * Installs a version, keeps the one it replaces, and runs its program. An earlier trial of the path must have been settled.
   *
   * @throws {InstallFailed} `run` once a version that does not run has been taken back, `run-not-restored` if the disk does not
   * allow that; the signal's reason if it aborts.
   */
  putInPlace(
    announcement: AskedVersion,
    path: string,
    content: AsyncIterable<Buffer>,
    signal: AbortSignal,
  ): Promise<void>;
  /** Room on disks that `putInPlace` needs besides the room for the version itself. */
  claims(path: string, existing?: { size: number; dev: number }): Promise<SpaceClaim[]>;
  /** Continues where an earlier run of the agent ended: settles trials, and starts the programs that are kept running. */
  recover(signal: AbortSignal): Promise<void>;
};

/** INVARIANT: while a version has not shown that it runs, a trial on disk says so, and what it replaced is kept. */
export function createPlacing(files: TrialFiles, trying: TrialPrograms, emit: Emit): Placing {
  const { installer, previous, trials, failed, installed } = files;
  const { programs, rules } = trying;
  const { settle, start, tryVersion } = createTrialConductor(files, trying, emit);

  return {
    settle,
    async putInPlace(announcement, path, content, signal) {
      const { name, size, sha256, etag = "", version, seq } = announcement;
      const rule = ruleFor(rules, path);
      const recorded = installed.all().get(path);
      let trial: Trial | undefined;
      const lost = await installer.install(
        path,
        content,
        announcement,
        async ({ folder, name: file, existing }) => {
          emit({ event: "verified", name, sha256 });
          if (rule === undefined) return;
          if (existing === undefined) await previous.remove(path);
          else await previous.keep(path, folder.at(file));
          const before = existing === undefined ? undefined : await previous.find(path);
          const kept = before === undefined ? undefined : await digestOfFile(before);
          trial = await trials.begin({
            path,
            version: { name, size, sha256, etag, version, seq },
            ...(recorded && { before: recorded }),
            ...(kept && { kept }),
          });
        },
      );
      if (lost !== undefined) emit({ event: "attributes-lost", name, path, detail: lost });
      if (trial !== undefined && rule !== undefined) await tryVersion(trial, rule, signal);
      else await failed.delete(path).catch(() => undefined);
    },
    async claims(path, existing) {
      if (existing === undefined || ruleFor(rules, path) === undefined) return [];
      const { folder } = previous;
      return (await stat(folder)).dev === existing.dev ? [] : [{ folder, bytes: existing.size }];
    },
    async recover(signal) {
      await settle(signal);
      await previous.keepOnly(trials.all().map(({ path }) => path)).catch(() => undefined);
      for (const rule of rules) {
        // While a file of this rule is on trial, its program might load the very version that does not run.
        if (trials.all().some(({ path }) => ruleFor(rules, path) === rule)) continue;
        const path = programs.missing(rule, rules);
        if (path !== undefined) await start(rule, path);
      }
    },
  };
}
