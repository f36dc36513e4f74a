import { createHash } from "node:crypto";
import * as v from "valibot";
import { checkPath } from "./path.ts";
import { ReportNumber } from "./receipt.ts";

/** Bytes of a list of files in an inventory: what a device sends at a start should stay one small Note. [NF-9.8] */
export const INVENTORY_LIST_MAX_BYTES = 1500;

/** Characters of a SHA-256, as base64url, that name a content in a list. */
export const SHORT_SHA256_CHARS = 8;

const ShortSha256 = v.pipe(v.string(), v.regex(/^[0-9A-Za-z_-]{8}$/));
const FilePath = v.pipe(v.string(), v.maxBytes(960), v.check(isPath));

/**
 * The body of an outbound Note which says what a device has: in all, and each file where the list fits. [NF-9.8]
 * Every file that it has and none besides, so a path that a list lacks is not there.
 */
export const Inventory = v.object({
  state: v.literal("inventory"),
  n: ReportNumber,
  count: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  digest: v.pipe(v.string(), v.regex(/^[0-9A-Za-z_-]{43}$/)),
  files: v.fallback(
    v.optional(v.pipe(v.array(v.tuple([FilePath, ShortSha256])), v.maxLength(200), v.check(isEachOnce))),
    undefined,
  ),
});

export type Inventory = v.InferOutput<typeof Inventory>;

/** What is at a path below the root of a device. */
export type PlacedFile = { path: string; sha256: string };

/** Reads the body of an outbound Note; undefined if it is no inventory. */
export function parseInventory(body: unknown): Inventory | undefined {
  const parsed = v.safeParse(Inventory, body);
  return parsed.success ? parsed.output : undefined;
}

export function formatInventory(files: readonly PlacedFile[], n: number): Inventory {
  const list = sorted(files).map(({ path, sha256 }): [string, string] => [path, shortSha256(sha256)]);
  const fits = list.length <= 200 && Buffer.byteLength(JSON.stringify(list)) <= INVENTORY_LIST_MAX_BYTES;
  return {
    state: "inventory",
    n,
    count: files.length,
    digest: digestOf(files),
    files: fits ? list : undefined,
  };
}

/** Unpadded base64url of the SHA-256 over a line `<sha256> <path>` for each file, by path. [NF-9.8] */
export function digestOf(files: readonly PlacedFile[]): string {
  const text = sorted(files).map(({ path, sha256 }) => `${sha256} ${path}\n`);
  return createHash("sha256").update(text.join("")).digest("base64url");
}

export function shortSha256(sha256: string): string {
  return sha256.slice(0, SHORT_SHA256_CHARS);
}

/** By UTF-16 code units, whatever the locale. */
function sorted(files: readonly PlacedFile[]): PlacedFile[] {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function isPath(path: string): boolean {
  try {
    checkPath(path);
    return true;
  } catch {
    return false;
  }
}

function isEachOnce(files: [string, string][]): boolean {
  return new Set(files.map(([path]) => path)).size === files.length;
}
