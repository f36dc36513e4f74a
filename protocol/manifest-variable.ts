import { createHash } from "node:crypto";
import * as v from "valibot";
import { Announcement } from "./announcement.ts";
import { MANIFEST_MAX_BYTES } from "./limits.ts";
import { Serial } from "./manifest.ts";

const Bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const BaseName = v.pipe(v.string(), v.regex(/^[0-9A-Za-z_-]{8}$/));

/** How a notice is written, in a variable and in a job document. [NF-11.4] [NF-13.3] */
export const ManifestVariable = v.object({
  s: Serial,
  m: Announcement.entries.sha256,
  n: v.pipe(Bytes, v.maxValue(MANIFEST_MAX_BYTES)),
  p: v.fallback(v.optional(v.tuple([BaseName, Bytes])), undefined),
  z: v.fallback(v.optional(Bytes), undefined),
});

/** What a fleet's variable says of its manifest: which one, its SHA-256, and what it takes to get it. Sizes in bytes. [NF-11.4] */
export type ManifestNotice = {
  serial: number;
  sha256: string;
  size: number;
  /** The step from the manifest whose SHA-256 begins so. [NF-11.7] */
  step?: { base: string; bytes: number } | undefined;
  /** Of its zstd frame. [NF-10.1] */
  zstd?: number | undefined;
};

export function formatVariable(notice: ManifestNotice): string {
  return JSON.stringify(wireOf(notice));
}

export function wireOf({
  serial,
  sha256,
  size,
  step,
  zstd,
}: ManifestNotice): v.InferInput<typeof ManifestVariable> {
  return { s: serial, m: sha256, n: size, p: step && [step.base, step.bytes], z: zstd };
}

export function noticeOf({
  s: serial,
  m: sha256,
  n: size,
  p,
  z: zstd,
}: v.InferOutput<typeof ManifestVariable>): ManifestNotice {
  const step = p && { base: p[0], bytes: p[1] };
  return { serial, sha256, size, ...(step && { step }), ...(zstd && { zstd }) };
}

/** Undefined if it announces no manifest. Members that are unknown, or optional and make no sense, are ignored. [NF-11.4] */
export function parseVariable(text: string): ManifestNotice | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), ManifestVariable), text);
  return parsed.success ? noticeOf(parsed.output) : undefined;
}

/**
 * The variable of a fleet. A device may belong to several fleets, and a fleet get files from several deployments, each of which has a
 * stage: their variables must not hide one another. [NF-11.5]
 */
export function variableName(fleetUid: string, stage?: string): string {
  return `${prefixOf(stage)}${createHash("sha256").update(fleetUid).digest("hex").slice(0, 8)}`;
}

/** True for the variable of any fleet of a deployment. Notehub's names are not case-sensitive. [NF-11.5] */
export function isManifestVariable(name: string, stage?: string): boolean {
  const prefix = prefixOf(stage);
  const lower = name.toLowerCase();
  return lower.startsWith(prefix) && /^[0-9a-f]{8}$/.test(lower.slice(prefix.length));
}

/** A stage's hyphens as underscores, as in the names of variables elsewhere. */
function prefixOf(stage: string | undefined): string {
  return stage === undefined ? "noteferry_" : `noteferry_${stage.toLowerCase().replaceAll("-", "_")}_`;
}
