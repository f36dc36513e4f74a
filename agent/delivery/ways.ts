import { createHash } from "node:crypto";
import { type OpenWay, openWays } from "../../protocol/choose-way.ts";
import { formatPacked } from "../../protocol/packed.ts";
import { InstallFailed, type InstallFailure } from "../install/install-failed.ts";
import { FetchFailed, type FetchFailure } from "../link/fetch-failed.ts";
import { type Fetchable, LinkDown } from "../link/link.ts";
import { applyPatches } from "../unpack/apply-patches.ts";
import { unpack } from "../unpack/unpack.ts";
import type { Delivery } from "./delivery.ts";
import type { Doubts } from "./note-states.ts";

/** The ways to a version, in the order in which to try them, and the content at its path that patches start from. */
export type WaysToGo = { ways: readonly OpenWay[]; base: Buffer | undefined };

/** Deliveries in a row that may fail one way for reasons that need not be its own, before another way is asked whether it is served. */
const MAX_DOUBTS = 3;

/** Links in a row that may break while one way is taken, before it is left. */
const MAX_BROKEN_LINKS = 9;

/** What is wrong with what came this way, or with asking for it: the whole file may be had all the same. [NF-10.6] */
export const AGAINST_WAY: ReadonlySet<FetchFailure | InstallFailure> = new Set([
  "packing",
  "wrong-hash",
  "wrong-size",
  "file-not-found",
  "file-changed",
  "rejected",
]);

/** What says nothing of the way: it would meet the whole file as well. */
const NEVER_AGAINST_WAY: ReadonlySet<FetchFailure> = new Set(["offline", "unauthorized", "mode"]);

/** Finds the ways to a version. A download that was begun is gone on with: better ways were tried before it. [NF-10.5] */
export async function waysToGo(
  delivery: Omit<Delivery, "link" | "emit" | "policy" | "use" | "besides">,
): Promise<WaysToGo> {
  const { announcement, path, payloads, note, files, unpacking } = delivery;
  const { name, seq, sha256, etag, version, p = [] } = announcement;
  const unordered = files.latest.get(name)?.unordered === true;
  // What cannot be read is no base; what is wrong with the path is told when the file is to be put there.
  const mayPatch = (seq ?? version) !== undefined && (p.length > 0 || payloads.length > 0);
  const base = mayPatch
    ? await files.installer.read(path, unpacking.patchMaxBytes).catch(() => undefined)
    : undefined;
  const there = base && { sha256: createHash("sha256").update(base).digest("base64url"), size: base.length };
  const open = openWays(
    unordered ? { ...announcement, seq: undefined } : announcement,
    there,
    payloads,
    unpacking,
  );
  const hopeful = open.filter(
    (way) => way.way === "whole" || (note.doubts.get(formOf(way))?.brokenLinks ?? 0) < MAX_BROKEN_LINKS,
  );
  const begun = await files.partials.begun(path).catch(() => undefined);
  const at =
    begun?.name === name && begun.sha256 === sha256 && begun.etag === etag && begun.version === version
      ? hopeful.findIndex((way) => formOf(way) === begun.form && way.bytes === begun.size)
      : -1;
  return { ways: hopeful.slice(Math.max(0, at)), base };
}

/** Tells the downloads of one version apart; undefined for the file itself. */
export function formOf(way: OpenWay): string | undefined {
  if (way.way === "whole") return undefined;
  return way.way === "note" ? "note" : formatPacked(way.packed);
}

/** What to ask the link for. */
export function fetchableOf(
  way: OpenWay,
  { name, etag, version, size }: Delivery["announcement"],
): Fetchable {
  return "packed" in way ? { packed: way.packed, size: way.bytes } : { key: name, etag, version, size };
}

/**
 * The file's content from what came.
 *
 * @throws {InstallFailed} (while it is read) `packing`
 */
export async function* contentOf(
  way: OpenWay,
  came: AsyncIterable<Buffer>,
  size: number,
  base: Buffer | undefined,
): AsyncIterable<Buffer> {
  if (way.way === "whole") yield* came;
  else if (way.way === "zstd") yield* unpack(came, { size });
  else if (base === undefined) throw new TypeError("a patch is no way without its base");
  else if (way.way === "patch") yield* unpack(came, { size, base });
  else yield applyPatches(base, way.patches);
}

/** What a failure says of the way it met: that something is wrong with it, that it may be, or nothing. */
export type Verdict = "wrong" | "doubtful" | "fine";

/**
 * Judges a way by how it failed.
 *
 * @param doubts failures since the last byte that came, by form; this one is counted
 */
export function judgeWay(
  error: unknown,
  form: string | undefined,
  doubts: Map<string | undefined, Doubts>,
): Verdict {
  if (error instanceof InstallFailed) return AGAINST_WAY.has(error.reason) ? "wrong" : "fine";
  const failed = error instanceof FetchFailed;
  if (failed && NEVER_AGAINST_WAY.has(error.reason)) return "fine";
  if (failed && AGAINST_WAY.has(error.reason)) return "wrong";
  if (!failed && !(error instanceof LinkDown)) return "fine";
  const { failures = 0, brokenLinks = 0 } = doubts.get(form) ?? {};
  const counted = failed
    ? { failures: failures + 1, brokenLinks }
    : { failures, brokenLinks: brokenLinks + 1 };
  doubts.set(form, counted);
  return failed && counted.failures >= MAX_DOUBTS ? "doubtful" : "fine";
}
