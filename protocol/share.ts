import { createHash } from "node:crypto";
import * as v from "valibot";

const Percent = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(100));
export const Salt = v.pipe(v.string(), v.regex(/^[0-9A-Za-z_-]{1,32}$/));

/** The part of a fleet that gets a version: percent, and a salt that is one release's. [NF-11.8] */
export const Share = v.tuple([Percent, Salt]);

export type Share = v.InferOutput<typeof Share>;

/** Object metadata that says for what part of a fleet an upload is, before it is announced for the first time. [NF-11.8] */
export const SHARE_METADATA = "noteferry-share";

/** Object metadata by which files that are uploaded together are one release: their shares then mean the same devices. [NF-11.8] */
export const RELEASE_METADATA = "noteferry-release";

/** Whether a device is in: the first four bytes of SHA-256(salt + UID), as an unsigned number, are below percent of 2^32. [NF-11.8] */
export function isInShare([percent, salt]: Share, deviceUid: string): boolean {
  return placeOf(salt, deviceUid) < boundOf(percent);
}

/** How many of the devices are in at each whole percent, from 0 to 100. [NF-11.8] */
export function countInShares(salt: string, deviceUids: readonly string[]): number[] {
  const places = deviceUids.map((uid) => placeOf(salt, uid)).sort((one, other) => one - other);
  let counted = 0;
  return Array.from({ length: 101 }, (_, percent) => {
    while (counted < places.length && (places[counted] ?? 0) < boundOf(percent)) counted += 1;
    return counted;
  });
}

function placeOf(salt: string, deviceUid: string): number {
  return createHash("sha256").update(salt).update(deviceUid).digest().readUInt32BE(0);
}

function boundOf(percent: number): number {
  return (percent / 100) * 2 ** 32;
}

/**
 * That of the release which a version belongs to, so that who is in stays in while its share grows, files that need each other reach the same devices, and the next
 * release begins with others. A version without one is a release by itself. [NF-11.8]
 */
export function saltOf(versionId: string, release?: string): string {
  return release ?? createHash("sha256").update(versionId).digest("base64url").slice(0, 6);
}

/** Reads a release as object metadata has it; undefined if it is none: such a version is one by itself. */
export function parseRelease(text: string | undefined): string | undefined {
  const parsed = v.safeParse(Salt, text);
  return parsed.success ? parsed.output : undefined;
}

/** The name of a new release. @param random bytes that nobody else has */
export function formatRelease(random: Uint8Array): string {
  return createHash("sha256").update(random).digest("base64url").slice(0, 6);
}

/** Reads a share as people and object metadata write it: `10`, `10%`, `0.5 %`; undefined if it is none. */
export function parsePercent(text: string): number | undefined {
  const [, digits] = /^\s*([0-9]{1,3}(?:\.[0-9]{1,2})?)\s*%?\s*$/.exec(text) ?? [];
  const percent = Number(digits);
  return digits !== undefined && percent <= 100 ? percent : undefined;
}
