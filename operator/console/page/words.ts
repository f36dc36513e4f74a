import type { ShownState, Stage } from "../api.ts";

/** `good`: nothing is to be done. `waiting`: it is on its way. `bad`: somebody should look. `over`: nothing is there, as it should be. */
export type Kind = "good" | "waiting" | "bad" | "over";

/** The word for a state, what kind of news it is, and what it means. */
export const STATES: Readonly<Record<ShownState, { word: string; kind: Kind; means: string }>> = {
  "not-announced": {
    word: "not announced",
    kind: "bad",
    means: "it could not be told of the newest version",
  },
  announced: {
    word: "announced",
    kind: "waiting",
    means: "it was told, and has not answered yet: it may be offline",
  },
  installed: { word: "installed", kind: "good", means: "it has it" },
  unchanged: { word: "unchanged", kind: "good", means: "it had this very content already" },
  discarded: { word: "discarded", kind: "over", means: "it did not take it" },
  refused: { word: "refused", kind: "bad", means: "it does not take such a file" },
  failed: { word: "failed", kind: "bad", means: "it does not have it" },
  "rolled-back": { word: "rolled back", kind: "bad", means: "it did not run: the version before is back" },
  stopped: { word: "stopped", kind: "bad", means: "it has it, but the program ended later" },
  removed: { word: "removed", kind: "over", means: "the file was taken away" },
  missing: {
    word: "missing",
    kind: "bad",
    means: "it said that it has no such file: it was wiped, or exchanged",
  },
  differs: { word: "differs", kind: "bad", means: "it has other files than are known" },
  "held-back": {
    word: "held back",
    kind: "bad",
    means: "it keeps what it has: it cannot get the version that is for those outside the share",
  },
  overruled: {
    word: "overruled",
    kind: "over",
    means: "something else counts there, as a key of its own, another fleet, or a newer Note",
  },
  waiting: { word: "waiting", kind: "waiting", means: "it failed for now, and goes on later" },
  left: {
    word: "left",
    kind: "over",
    means: "it has left the fleet without it, and is not brought it any more",
  },
};

/** The same of how far a device is with what its fleet was told. */
export const STAGES: Readonly<Record<Stage, { word: string; kind: Kind; means: string }>> = {
  exceptions: {
    word: "with exceptions",
    kind: "bad",
    means: "it has all that it was told but for some files",
  },
  behind: { word: "behind", kind: "waiting", means: "the last that it spoke of is an older manifest" },
  "not-heard": {
    word: "not heard of",
    kind: "waiting",
    means: "it never spoke of a manifest: it is new, off, or its agent is too old",
  },
  current: { word: "current", kind: "good", means: "it has all that its fleet was told" },
};

export function isShownState(text: string): text is ShownState {
  return Object.hasOwn(STATES, text);
}

/** `1 device`, `1,000 devices`. */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString("en")} ${n === 1 ? noun : `${noun}s`}`;
}

const UNITS: [string, number][] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
];

/** How long ago, in one unit: `3 min`. */
export function ageOf(at: number, now: number): string {
  const age = Math.max(0, now - at);
  for (const [unit, ms] of UNITS) if (age >= ms) return `${Math.floor(age / ms)} ${unit}`;
  return "now";
}

/** A time in full, in the zone of whoever reads it. */
export function timeOf(at: number): string {
  return new Date(at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}
