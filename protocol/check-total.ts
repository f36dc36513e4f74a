import { type Delivery, placedBy } from "./delivery-state.ts";
import { digestOf, type Inventory, SHORT_SHA256_CHARS, shortSha256 } from "./inventory.ts";
import type { InventoryCheck } from "./known-device.ts";
import type { ManifestReceipt } from "./manifest-receipt.ts";
import { type KnownInventory, type Placed, placedIn } from "./placed.ts";
import type { Receipt } from "./receipt.ts";
import { compareReports, isLater, type ReportOrder } from "./report-order.ts";
import { pathOrKey } from "./target.ts";

/** What a device said once. */
type HeardReceipt = Receipt & Pick<ReportOrder, "ahead">;
type HeardManifest = ManifestReceipt & Pick<ReportOrder, "ahead">;
type Heard = HeardReceipt | Inventory | HeardManifest;

/** What a device is believed to have: contents, or the beginning of their digests, by path. */
type Believed = Map<string, string>;

/**
 * Whether a list of what a device has would say no more than is known, so that its history need not be read: no file was heard of
 * since the inventory, and the whole digest of each is known.
 */
export function isToldByItems(
  total: KnownInventory,
  files: readonly Delivery[],
  list: KnownInventory | undefined,
): boolean {
  return files.every((file) => {
    const placed = placedIn(file, list);
    return placed === undefined || (isLater(total, placed) && !isShort(placed.sha256 ?? ""));
  });
}

/**
 * Compares an inventory that came without its list with what was reported before it. What was reported later counts for itself:
 * only where a device said `unchanged` first, the file may have been there at the inventory too, and the digest then proves it. [NF-9.8]
 *
 * @param files all that is known of the device
 * @param list its newest inventory with a list, which is older
 * @param history what it said, in any order; it may be empty where `isToldByItems`
 * @param manifests what it said last of its fleets' manifests: what those brought was not told file by file [NF-11.12]
 */
export function checkTotal(
  total: KnownInventory,
  files: readonly Delivery[],
  list: KnownInventory | undefined,
  history: readonly Heard[],
  manifests: readonly HeardManifest[] = [],
): InventoryCheck {
  const receipts = receiptsByPath(history);
  const before: Believed = new Map();
  const stillThere: Believed = new Map();
  let [heard, unheard] = [0, 0];
  for (const file of withListed(files, list)) {
    const { path } = file;
    const said = receipts.get(path) ?? [];
    const placed = placedIn(file, list);
    const isHeard = placed !== undefined && isLater(placed, total);
    const then = isHeard ? placedIn({ path, placed: lastBefore(total, said) }, list) : placed;
    if (then?.sha256 !== undefined) before.set(path, complete(then.sha256, said));
    const first = said.find((receipt) => isLater(orderOf(receipt), total) && isPlacing(receipt));
    if (first?.state === "unchanged") stillThere.set(path, first.sha256);
    if (placed !== undefined && !isHeard) unheard += 1;
    // A file that is new since then is none of those that it had.
    if (isHeard && (before.has(path) || stillThere.has(path))) heard += 1;
  }
  const told = verdictOf(total, [before, new Map([...before, ...stillThere])]);
  const verdict = withManifests(told, total, [...manifests, ...history.filter(isManifest)]);
  const isOutdated = verdict !== "agrees" && unheard === 0 && heard >= total.count;
  return { n: total.n, ahead: total.ahead, verdict: isOutdated ? "outdated" : verdict, known: before.size };
}

function verdictOf({ count, digest }: Inventory, guesses: readonly Believed[]): InventoryCheck["verdict"] {
  const possible = guesses.filter(({ size }) => size === count);
  const isIt = (guess: Believed) =>
    digestOf([...guess].map(([path, sha256]) => ({ path, sha256 }))) === digest;
  if (possible.some(isIt)) return "agrees";
  return possible.some((guess) => [...guess.values()].some(isShort)) ? "unknown" : "differs";
}

/** What a manifest brought is known by the digest alone, which proves it where nothing else is on the device. */
function withManifests(
  verdict: InventoryCheck["verdict"],
  total: KnownInventory,
  manifests: readonly HeardManifest[],
): InventoryCheck["verdict"] {
  if (verdict === "agrees" || manifests.length === 0) return verdict;
  const isIt = manifests.some((said) => isLater(total, orderOf(said)) && said.digest === total.digest);
  return isIt ? "agrees" : "unknown";
}

function isManifest(said: Heard): said is HeardManifest {
  return said.state === "manifest";
}

/** The list may have come before its files were written, each in its own item. */
function withListed(
  files: readonly Delivery[],
  list: KnownInventory | undefined,
): Pick<Delivery, "path" | "placed">[] {
  const known = new Set(files.map(({ path }) => path));
  const listed = list?.files?.filter(([path]) => !known.has(path)) ?? [];
  return [...files, ...listed.map(([path]) => ({ path, placed: undefined }))];
}

/** In the order of their numbers. */
function receiptsByPath(history: readonly Heard[]): Map<string, HeardReceipt[]> {
  const receipts = history.filter((said) => "name" in said);
  const inOrder = receipts.toSorted((a, b) => compareReports(orderOf(a), orderOf(b)));
  return Map.groupBy(inOrder, ({ name }) => pathOrKey(name));
}

function lastBefore(end: ReportOrder, receipts: readonly HeardReceipt[]): Placed | undefined {
  const last = receipts.findLast((receipt) => isLater(end, orderOf(receipt)) && isPlacing(receipt));
  return last && placedBy({ ...last, ...orderOf(last), at: 0 });
}

function orderOf({ n, ahead }: { n?: number | undefined; ahead?: number | undefined }): ReportOrder {
  return { n: n ?? 0, ahead };
}

function isPlacing({ state, sha256 }: Receipt): boolean {
  return placedBy({ n: 0, at: 0, state, sha256 }) !== undefined;
}

function complete(sha256: string, receipts: readonly Receipt[]): string {
  if (!isShort(sha256)) return sha256;
  return receipts.find((receipt) => shortSha256(receipt.sha256) === sha256)?.sha256 ?? sha256;
}

function isShort(sha256: string): boolean {
  return sha256.length === SHORT_SHA256_CHARS;
}
