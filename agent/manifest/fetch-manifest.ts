import type { PayloadPatch, Unpacking } from "../../protocol/choose-way.ts";
import { type Manifest, manifestDigest, parseManifest } from "../../protocol/manifest.ts";
import { parseStep, patchesByPath, type StepPatch } from "../../protocol/manifest-step.ts";
import { variableName } from "../../protocol/manifest-variable.ts";
import type { Cost } from "../delivery/delivery.ts";
import { type Fetching, fetchRest, isServed } from "../delivery/fetch-rest.ts";
import { judgeWay } from "../delivery/ways.ts";
import { InstallFailed, onDisk } from "../install/install-failed.ts";
import { FetchFailed } from "../link/fetch-failed.ts";
import type { AnnouncedManifest } from "../link/link.ts";
import type { PartialFile, PartialFiles } from "../state/partial-files.ts";
import { unpack } from "../unpack/unpack.ts";
import { type ManifestWay, manifestWays, wantedOf } from "./manifest-ways.ts";

/** A manifest that came whole, and the patches of files that came with it, by path. */
export type FetchedManifest = {
  text: Buffer;
  manifest: Manifest;
  patches: ReadonlyMap<string, PayloadPatch>;
  way: ManifestWay["way"];
};

/** What is announced is no manifest of that fleet: to fetch it again would give the same. */
export class ManifestRefused extends Error {
  override name = "ManifestRefused" as const;
}

/** The manifest that is here already, from which a step may lead. */
export type ManifestBase = { sha256: string; size: number; read(): Promise<Buffer> };

/**
 * Fetches what a variable announces, by one way after the other; what has come of it is kept for the next try.
 *
 * @param cost counts what it takes, also if it fails
 * @throws {FetchFailed}, {InstallFailed}: it may be tried again later; {ManifestRefused}; {LinkDown} or the signal's reason.
 */
export async function fetchManifest(
  { variable, notice }: AnnouncedManifest,
  base: ManifestBase | undefined,
  fetching: Omit<Fetching, "name">,
  { partials, unpacking, stage }: { partials: PartialFiles; unpacking: Unpacking; stage: string | undefined },
  cost: Cost,
): Promise<FetchedManifest> {
  const its: Fetching = { ...fetching, name: variable };
  const all = manifestWays(notice, base, unpacking);
  const begun = await partials.begun(variable).catch(() => undefined);
  const at = begun?.sha256 === notice.sha256 ? all.findIndex((way) => wantedOf(way).form === begun.form) : -1;
  const ways = all.slice(Math.max(0, at));
  for (const [index, way] of ways.entries()) {
    try {
      const { text, patches } = await takeWay(way);
      const manifest = parseManifest(text);
      const is =
        manifest && variableName(manifest.fleet, stage) === variable && manifest.serial === notice.serial;
      if (!is) throw new ManifestRefused("what the variable names is no manifest of its fleet");
      return { text, manifest, patches: patchesByPath(patches, manifest.files), way: way.way };
    } catch (error) {
      const next = ways[index + 1];
      if (next === undefined) throw error;
      const verdict = judgeWay(error, wantedOf(way).form, fetching.note.doubts);
      // What one way does not serve in an outage, no way does: it is waited out. [NF-10.6]
      if (verdict === "fine" || (verdict === "doubtful" && !(await isServed(its, wantedOf(next), cost))))
        throw error;
    }
  }
  throw new TypeError("a manifest as it is, is always a way");

  async function takeWay(way: ManifestWay): Promise<{ text: Buffer; patches: readonly StepPatch[] }> {
    const wanted = wantedOf(way);
    const { sha256, size } = notice;
    const partial = await onDisk(
      partials.open(variable, { name: variable, size: way.bytes, sha256, form: wanted.form }),
    );
    try {
      if (partial.bytes() < way.bytes) await fetchRest(its, wanted, partial, cost);
      const { text, patches } = await contentOf(way, partial, size, base);
      if (manifestDigest(text) !== sha256)
        throw new InstallFailed("wrong-hash", "it is not the manifest that was announced");
      return { text, patches };
    } catch (error) {
      // Spoilt by a line without checksums, or never right: it is fetched anew, after a rest.
      if (error instanceof InstallFailed && (error.reason === "wrong-hash" || error.reason === "packing"))
        await partials.remove(variable).catch(() => undefined);
      throw error;
    } finally {
      await partial.close();
    }
  }
}

/** @throws {InstallFailed} `packing` */
async function contentOf(
  { way }: ManifestWay,
  partial: PartialFile,
  size: number,
  base: ManifestBase | undefined,
): Promise<{ text: Buffer; patches: readonly StepPatch[] }> {
  if (way === "whole") return { text: await whole(partial.content()), patches: [] };
  if (way === "zstd") return { text: await whole(unpack(partial.content(), { size })), patches: [] };
  const step = parseStep(await whole(partial.content()));
  if (step === undefined || base === undefined) throw new InstallFailed("packing", "what came is no step");
  const from = await base.read().catch((cause) => {
    throw new InstallFailed("packing", "the manifest that the step leads from cannot be read", { cause });
  });
  const text = await whole(unpack(once(Buffer.from(step.manifest)), { size, base: from }));
  return { text, patches: step.patches };
}

async function whole(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const piece of pieces) copies.push(Buffer.from(piece)); // each is valid only until the next
  return Buffer.concat(copies);
}

async function* once(bytes: Buffer): AsyncIterable<Buffer> {
  yield bytes;
}

/** What may be tried again later. */
export function isPassing(error: unknown): error is FetchFailed | InstallFailed {
  return error instanceof FetchFailed || error instanceof InstallFailed;
}
