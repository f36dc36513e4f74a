import { randomBytes } from "node:crypto";

const SEQUENCE_DIGITS = 14; // hex: 56 bits, more than a safe integer has
const LENGTH = 32; // as long as S3's version ids

/**
 * An id of a version or an upload. To clients it is opaque; it begins with its sequence, so that ids of one key sort by age and
 * a listing can go on after one that is gone: clients delete page by page.
 */
export function newOpaqueId(sequence: number): string {
  const random = randomBytes(LENGTH - SEQUENCE_DIGITS).toString("base64url");
  return (sequence.toString(16).padStart(SEQUENCE_DIGITS, "0") + random).slice(0, LENGTH);
}

/** @returns undefined for a text that is no such id. */
export function sequenceOf(id: string): number | undefined {
  if (!/^[0-9a-f]{14}[\w-]{18}$/.test(id)) return undefined;
  return Number.parseInt(id.slice(0, SEQUENCE_DIGITS), 16);
}
