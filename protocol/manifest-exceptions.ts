import * as v from "valibot";
import { shortSha256 } from "./inventory.ts";
import { KEY_MAX_BYTES, MANIFEST_MAX_FILES } from "./limits.ts";
import { shortReason } from "./reason.ts";
import { Ended, RECEIPT_STATES } from "./receipt.ts";

/** Bytes of the list of exceptions: the receipt of a fleet's update should stay one small Note. [NF-11.12] */
const MAX_BYTES = 1000;
/** Exceptions that are listed one by one. */
const MAX_LISTED = 200;

/** `held-back`: the device cannot get the version that those outside the share should have, and keeps what it has. [NF-11.9] */
export const EXCEPTION_STATES = [...RECEIPT_STATES, "held-back", "waiting"] as const;
type State = (typeof EXCEPTION_STATES)[number];

/**
 * What is not as a manifest says, and why; of a version that failed the beginning of its SHA-256, and how its program ended. An older agent tells
 * the first three, and has sent a receipt for each besides.
 */
export type ManifestException = [path: string, state: State, reason: string, sha256?: string, ended?: string];

const Path = v.pipe(v.string(), v.nonEmpty(), v.maxBytes(KEY_MAX_BYTES));
const Short = v.pipe(v.string(), v.regex(/^[0-9A-Za-z_-]{8}$/));

/** Of a member besides the first three that makes no sense the others are read all the same. */
export const Exception = v.pipe(
  v.array(v.unknown()),
  v.transform(([path, state, reason, ...more]) => ({ path, state, reason, more })),
  v.object({
    path: Path,
    state: v.picklist(EXCEPTION_STATES),
    reason: v.pipe(v.string(), v.transform(shortReason)),
    more: v.array(v.unknown()),
  }),
  v.transform(({ more: [short, end], ...found }) => {
    const [sha256, ended] = [v.safeParse(Short, short), v.safeParse(Ended, end)];
    return exceptionOf({
      ...found,
      ...(sha256.success && { sha256: sha256.output }),
      ...(ended.success && { ended: ended.output }),
    });
  }),
);

/** `[index, folder, name, SHA-256, name, SHA-256, …]`: files of a folder of which the same holds as of the exception with that index; a digest may be "". */
const OfOneFolder = v.tupleWithRest(
  [v.pipe(v.number(), v.safeInteger(), v.minValue(0)), v.string()],
  v.string(),
);
export type Alike = v.InferOutput<typeof OfOneFolder>;

/** A list that no device would send is none: an item of the delivery table has at most 400 kB. */
export const Alike = v.pipe(
  v.array(OfOneFolder),
  v.check((alike) => JSON.stringify(alike).length <= 32 * MAX_BYTES),
);

/** What is said of one path. */
export type FoundException = {
  path: string;
  state: State;
  reason: string;
  sha256?: string | undefined;
  ended?: string | undefined;
};

/** With the whole digest or its beginning. */
export function exceptionOf({ path, state, reason, sha256, ended }: FoundException): ManifestException {
  if (sha256 === undefined) return [path, state, reason];
  const short = shortSha256(sha256);
  return ended === undefined ? [path, state, reason, short] : [path, state, reason, short, ended];
}

type Listed = { not: ManifestException[]; alike: Alike[] };

/** As many as have room: one by one where that is all, else one of each kind, with the others of its kind by folders. */
export function listExceptions(exceptions: readonly ManifestException[]): Listed {
  const whole = exceptions.slice(0, MAX_LISTED);
  if (whole.length === exceptions.length && hasRoom({ not: whole, alike: [] }))
    return { not: whole, alike: [] };
  const kinds = [
    ...Map.groupBy(exceptions, ([, state, reason, , ended]) => JSON.stringify([state, reason, ended])),
  ];
  let listed: Listed = { not: [], alike: [] };
  const add = (more: Listed): boolean => {
    if (!hasRoom(more)) return false;
    listed = more;
    return true;
  };
  const named = kinds.slice(0, MAX_LISTED).flatMap(([, [first, ...others]]) => {
    if (first === undefined || !add({ ...listed, not: [...listed.not, first] })) return [];
    return [{ index: listed.not.length - 1, others }];
  });
  for (const { index, others } of named) {
    for (const [folder, files] of Map.groupBy(others, ([path]) => path.slice(0, path.lastIndexOf("/") + 1))) {
      let group: Alike = [index, folder];
      const { alike } = listed;
      for (const [path, , , sha256 = ""] of files) {
        group = [...group, path.slice(folder.length), sha256];
        if (!add({ ...listed, alike: [...alike, group] })) return listed;
      }
    }
  }
  return listed;
}

function hasRoom({ not, alike }: Listed): boolean {
  const text = alike.length === 0 ? JSON.stringify(not) : JSON.stringify(not) + JSON.stringify(alike);
  return Buffer.byteLength(text) <= MAX_BYTES;
}

/** Every path that a receipt names as not as the manifest says. */
export function exceptionsIn({
  not = [],
  alike = [],
}: {
  not?: ManifestException[] | undefined;
  alike?: Alike[] | undefined;
}): FoundException[] {
  const found = new Map<string, FoundException>();
  for (const [path, state, reason, sha256, ended] of not)
    found.set(path, { path, state, reason, sha256, ended });
  for (const [index, folder, ...files] of alike) {
    const [, state, reason, , ended] = not[index] ?? [];
    if (state === undefined || reason === undefined) continue;
    for (let at = 0; at + 1 < files.length && found.size < MANIFEST_MAX_FILES; at += 2) {
      const path = v.safeParse(Path, `${folder}${files[at]}`);
      const short = v.safeParse(Short, files[at + 1]);
      if (!path.success || found.has(path.output)) continue;
      const sha256 = short.success ? short.output : undefined;
      found.set(path.output, { path: path.output, state, reason, sha256, ended });
    }
  }
  return [...found.values()];
}
