import type { CliContext } from "../context.ts";

/** What a word may be, as the cloud knows it. Looked up only when a shell asks, so that no other command waits for it. */
type Propose = (this: CliContext, partial: string) => Promise<string[]>;

export const proposeKeys: Propose = async function (partial) {
  return (await import("./look-up.ts")).lookUpKeys(this, partial);
};

/** Keys, those too that hold nothing now. */
export const proposePastKeys: Propose = async function (partial) {
  return (await import("./look-up.ts")).lookUpPastKeys(this, partial);
};

export const proposeDevices: Propose = async function (partial) {
  return (await import("./look-up.ts")).lookUpDevices(this, partial);
};

export const proposeTargets: Propose = async function (partial) {
  return (await import("./look-up.ts")).lookUpTargets(this, partial);
};

/** How UIDs begin. */
const KINDS = ["dev:", "fleet:", "thing:", "thing-group:"];

/** A key, or whoever gets files. */
export const proposeSubjects: Propose = async function (partial) {
  const lookUp = await import("./look-up.ts");
  if (KINDS.some((kind) => partial.startsWith(kind))) return lookUp.lookUpTargets(this, partial);
  return [...KINDS, ...(await lookUp.lookUpKeys(this, partial))];
};

/** Paths and keys that the device on the line was told of. */
export const proposePaths: Propose = async function (partial) {
  return (await import("./look-up.ts")).lookUpPaths(this, partial);
};
