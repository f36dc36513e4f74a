import path from "node:path";
import * as v from "valibot";
import { InstalledFile } from "../state/installed-files.ts";
import { readJsonFile } from "../state/json-record.ts";
import { recordName } from "../state/record-name.ts";

const Member = v.object({
  path: v.string(),
  /** The version on trial, as it was announced. */
  version: v.object({
    name: v.string(),
    size: v.number(),
    sha256: v.string(),
    /** Empty where the version was asked for by its VersionId. */
    etag: v.string(),
    version: v.optional(v.string()),
    fleet: v.optional(v.string()),
    seq: v.optional(v.string()),
  }),
  /** On trial is whether it runs without this file. */
  removed: v.optional(v.literal(true)),
  /** What the agent had installed there before. */
  before: v.optional(InstalledFile),
  /** The SHA-256 of what was there before, whoever had put it there; absent if nothing was. */
  kept: v.optional(v.string()),
});

/** One file of a unit that is on trial. */
export type TrialMember = v.InferOutput<typeof Member>;

const Record = v.object({ members: v.pipe(v.array(Member), v.nonEmpty()) });

/** A unit of one has the form of 0.1.0, which an agent that is put back can read. */
const Form = v.union([
  Record,
  v.pipe(
    Member,
    v.transform((member) => ({ members: [member] })),
  ),
]);

/** What is known of a trial so far. It is told by the name of the record alone. */
export type Standing = {
  /** Starts whose end nobody saw: the agent died, perhaps because of them. */
  starts: number;
  /** Starts cut short because the agent was told to stop, perhaps by the program. */
  stops: number;
  /** Its program was seen to fail, and is not started again. */
  condemned: boolean;
};

/** A unit in its place whose program has not shown that it runs. */
export type Trial = { members: readonly TrialMember[] } & Standing;

export function formatTrial(members: readonly TrialMember[]): string {
  const [only, ...others] = members;
  const plain = others.length === 0 && only?.removed === undefined;
  const form = plain ? only : { members };
  return `${JSON.stringify(form, undefined, 2)}\n`;
}

/** Undefined if the file is no trial. */
export async function readTrial(folder: string, name: string): Promise<Trial | undefined> {
  const standing = standingOf(name);
  if (standing === undefined) return undefined;
  const found = await readJsonFile(path.join(folder, name), Form);
  return typeof found === "object" ? { ...found.value, ...standing } : undefined;
}

/** A unit is named by the first of its paths. */
export function trialName(members: readonly TrialMember[], { starts, stops, condemned }: Standing): string {
  const key = recordName(members[0]?.path ?? "");
  return condemned ? `${key}.condemned` : `${key}.${starts}-${stops}`;
}

function standingOf(name: string): Standing | undefined {
  const [, mark, starts, stops] = /^[0-9a-f]{32}\.(condemned|(\d+)-(\d+))$/.exec(name) ?? [];
  if (mark === undefined) return undefined;
  return { starts: Number(starts ?? 0), stops: Number(stops ?? 0), condemned: mark === "condemned" };
}

/** The file that stands for its unit: the last that is installed. */
export function leadOf({ members }: Pick<Trial, "members">): TrialMember {
  const lead = members.findLast(({ removed }) => removed === undefined) ?? members.at(-1);
  if (lead === undefined) throw new TypeError("a unit has at least one file");
  return lead;
}

/** The SHA-256 of what is at the path once the unit is in its place; undefined for nothing. */
export function goalOf({ version, removed }: TrialMember): string | undefined {
  return removed ? undefined : version.sha256;
}
