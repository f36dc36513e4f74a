import type { Announcement } from "./announcement.ts";
import { ANNOUNCEMENT_MAX_BYTES, PAYLOAD_MAX_BYTES } from "./limits.ts";

/** How content travels: in the announcement itself, as a patch, compressed, or as it is. [NF-10.1] */
export const WAYS = ["note", "patch", "zstd", "whole"] as const;
export type Way = (typeof WAYS)[number];

/** What there is of a version besides the whole file. Bytes; a base is the SHA-256 of the content that a patch starts from. */
export type Representations = {
  zstd?: number | undefined;
  /** The base that most devices have comes first. */
  patches: readonly { base: string; bytes: number }[];
  /** A patch that is short enough to ride with the announcement. */
  payload?: { base: string; patch: Uint8Array } | undefined;
};

/** An announcement as a Note carries it: the body, and the patch beside it, to which `b` in the body belongs. */
export type AnnouncementNote = { announcement: Announcement; payload?: Uint8Array | undefined };

/** The name by which an announcement calls a base: 48 bits of its SHA-256, which the device knows whole. [NF-10.2] */
export function baseName(sha256: string): string {
  return sha256.slice(0, 8);
}

/**
 * Adds what the device may take instead of the whole file, while the body stays within what a Note carries: first the payload, then
 * patches, then zstd. Without a `seq` nothing is added, since what these give is not held against the server's word. [NF-10.2] [NF-10.4]
 */
export function withRepresentations(announcement: Announcement, made: Representations): AnnouncementNote {
  if (announcement.seq === undefined) return { announcement };
  const { payload, zstd, patches } = made;
  const fits = payload !== undefined && payload.patch.length <= PAYLOAD_MAX_BYTES;
  const withBase = fits ? added(announcement, { b: baseName(payload.base) }) : undefined;
  const rides = fits && withBase !== undefined;
  // Who has the payload's base needs no other patch.
  const p = patches.filter(({ base }) => !(rides && base === payload.base));
  const body = withPacked(withBase ?? announcement, p.map(entryOf), zstd);
  return rides ? { announcement: body, payload: payload.patch } : { announcement: body };
}

/** The same announcement for a carrier that refuses its payload: the patch can be fetched as well. [NF-10.4] */
export function withoutPayload({ announcement, payload }: AnnouncementNote): AnnouncementNote {
  const { b, p = [], z, ...body } = announcement;
  const patches =
    b === undefined || payload === undefined ? p : [[b, payload.length] satisfies PatchEntry, ...p];
  return { announcement: withPacked(body, patches, z) };
}

type PatchEntry = [base: string, bytes: number];

function withPacked(announcement: Announcement, patches: PatchEntry[], z: number | undefined): Announcement {
  let body = announcement;
  for (const entry of patches) body = added(body, { p: [...(body.p ?? []), entry] }) ?? body;
  return (z === undefined ? undefined : added(body, { z })) ?? body;
}

/** Undefined if that is more than a Note's body carries. */
function added(body: Announcement, members: Partial<Announcement>): Announcement | undefined {
  const longer = { ...body, ...members };
  return Buffer.byteLength(JSON.stringify(longer)) <= ANNOUNCEMENT_MAX_BYTES ? longer : undefined;
}

function entryOf({ base, bytes }: { base: string; bytes: number }): PatchEntry {
  return [baseName(base), bytes];
}
