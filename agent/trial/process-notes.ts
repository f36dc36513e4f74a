import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { signalGroup } from "../system/signals.ts";

const Identity = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(2)),
  /** Clock ticks since the boot. */
  started: v.string(),
  boot: v.string(),
});

/** Names one process: a pid may be given again, but not with the same start time in the same boot. */
type Identity = v.InferOutput<typeof Identity>;

/** Notes which processes were started, so that the successor of a killed agent can end them. Needs /proc. */
export type ProcessNotes = {
  /** On disk when it returns: the agent may be killed the next moment. */
  note(pid: number): void;
  /** Ends the processes that an earlier run of the agent started and could not end. */
  endLeftOvers(): Promise<void>;
};

/** Milliseconds from SIGTERM to SIGKILL, and to wait after that. */
const GRACE_MS = 5_000;
const KILL_MS = 1_000;
const LOOK_MS = 20;

export function createProcessNotes(file: string): ProcessNotes {
  let noted: Identity[] = [];
  return {
    note(pid) {
      const identity = identify(pid);
      if (identity === undefined) return;
      noted = [...noted.filter(lives), identity];
      try {
        // No sync: a power loss ends the processes too.
        rmSync(`${file}.new`, { force: true });
        writeFileSync(`${file}.new`, JSON.stringify(noted), { mode: 0o600, flag: "wx" });
        renameSync(`${file}.new`, file);
      } catch {
        // a full disk must not keep a program from running
      }
    },
    async endLeftOvers() {
      await Promise.all(readNotes(file).filter(lives).map(end));
    },
  };
}

function readNotes(file: string): Identity[] {
  try {
    const parsed = v.safeParse(v.array(Identity), JSON.parse(readFileSync(file, "utf8")));
    return parsed.success ? parsed.output : [];
  } catch {
    return [];
  }
}

async function end(identity: Identity): Promise<void> {
  signalGroup(identity.pid, "SIGTERM");
  if (await hasEndedWithin(identity, GRACE_MS)) return;
  signalGroup(identity.pid, "SIGKILL");
  await hasEndedWithin(identity, KILL_MS);
}

async function hasEndedWithin(identity: Identity, ms: number): Promise<boolean> {
  for (const begin = performance.now(); performance.now() - begin < ms; ) {
    if (!lives(identity)) return true;
    await sleep(LOOK_MS);
  }
  return !lives(identity);
}

function lives({ pid, started, boot }: Identity): boolean {
  const now = identify(pid);
  return now !== undefined && now.started === started && now.boot === boot;
}

/** Undefined if there is no such process any more, or it leads no group. */
function identify(pid: number): Identity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // proc_pid_stat(5): the name, in brackets, may contain anything; the fields after it are state, ppid, pgrp, ... starttime.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, , group, started] = [fields[0], fields[1], fields[2], fields[19]];
    if (state === "Z" || state === "X" || group !== String(pid) || started === undefined) return undefined;
    return { pid, started, boot: readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim() };
  } catch {
    return undefined;
  }
}
