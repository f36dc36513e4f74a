import { createHash } from "node:crypto";
import { type OpenWay, openWays } from "../../protocol/choose-way.ts";
import { formatPacked } from "../../protocol/packed.ts";
import { InstallFailed, type InstallFailure } from "../install/install-failed.ts";
import { FetchFailed, type FetchFailure } from "../link/fetch-failed.ts";
import { type Fetchable, LinkDown } from "../link/link.ts";
import { applyPatches } from "../unpack/apply-patches.ts";
import { unpack } from "../unpack/unpack.ts";
import type { Delivery } from "./delivery.ts";

/** The ways to a version, in the order in which to try them, and the content at its path that patches start from. */
export type WaysToGo = { ways: readonly OpenWay[]; base: Buffer | undefined };

/** Deliveries of one Note that a way may spoil, though nothing is known to be wrong with it, before the next one is taken. */
const MAX_DOUBTS = 3;

/** What is wrong with what came this way, or with asking for it: the whole file may be had all the same. [NF-10.6] */
const AGAINST_WAY: ReadonlySet<FetchFailure | InstallFailure> = new Set([
  "packing",
  "wrong-hash",
  "wrong-size",
  "file-not-found",
  "file-changed",
  "rejected",
]);

/** What says nothing of the way: it would meet the whole file as well. */
const NEVER_AGAINST_WAY: ReadonlySet<FetchFailure> = new Set(["offline", "unauthorized", "mode"]);

/**
 * Finds the ways to a version. A download that was begun is gone on with: better ways were tried before it. [NF-10.5]
 */
export async function waysToGo(delivery: Omit<Delivery, "link" | "emit" | "policy">): Promise<WaysToGo> {
  const { announcement, path, payloads, note, files, unpacking } = delivery;
  const { name, seq, sha256, etag, p = [], b } = announcement;
  const unordered = files.latest.get(name)?.unordered === true;
  // What cannot be read is no base; what is wrong with the path is told when the file is to be put there.
  const mayPatch = seq !== undefined && (p.length > 0 || b !== undefined);
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
    (way) => way.way === "whole" || (note.doubts.get(formOf(way)) ?? 0) < MAX_DOUBTS,
  );
  const begun = await files.partials.begun(path).catch(() => undefined);
  const at =
    begun?.name === name && begun.sha256 === sha256 && begun.etag === etag
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
export function fetchableOf(way: OpenWay, { name, etag, size }: Delivery["announcement"]): Fetchable {
  return "packed" in way ? { packed: way.packed, size: way.bytes } : { key: name, etag, size };
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
  else yield await applyPatches(base, way.patches);
}

/**
 * Whether to take the next way instead of waiting.
 *
 * @param doubts failures since the last byte that came, which may be the way's fault or not, by form; this one is counted
 */
export function speaksAgainst(
  error: unknown,
  way: OpenWay,
  doubts: Map<string | undefined, number>,
): error is FetchFailed | InstallFailed {
  if (error instanceof InstallFailed) return AGAINST_WAY.has(error.reason);
  const failed = error instanceof FetchFailed;
  if (failed && NEVER_AGAINST_WAY.has(error.reason)) return false;
  if (failed && AGAINST_WAY.has(error.reason)) return true;
  if (!failed && !(error instanceof LinkDown)) return false;
  const count = (doubts.get(formOf(way)) ?? 0) + 1;
  doubts.set(formOf(way), count);
  return failed && count >= MAX_DOUBTS; // a link that is down serves no other way either
}
