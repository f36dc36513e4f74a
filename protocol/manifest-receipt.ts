import * as v from "valibot";
import { digestOf, type PlacedFile } from "./inventory.ts";
import { KEY_MAX_BYTES } from "./limits.ts";
import { Serial } from "./manifest.ts";
import { shortReason } from "./reason.ts";
import { RECEIPT_STATES, ReportNumber } from "./receipt.ts";
import { isManifestOwner } from "./target.ts";

/** Bytes of the list of exceptions: the receipt of a fleet's update should stay one small Note. [NF-11.12] */
const EXCEPTIONS_MAX_BYTES = 1000;

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Path = v.pipe(v.string(), v.nonEmpty(), v.maxBytes(KEY_MAX_BYTES));

/** `held-back`: the device cannot get the version that those outside the share should have, and keeps what it has. [NF-11.9] */
export const EXCEPTION_STATES = [...RECEIPT_STATES, "held-back", "waiting"] as const;

const Exception = v.tuple([Path, v.picklist(EXCEPTION_STATES), v.pipe(v.string(), v.transform(shortReason))]);

/** The body of the one receipt that a device sends for a manifest. [NF-11.12] */
export const ManifestReceipt = v.object({
  state: v.literal("manifest"),
  n: ReportNumber,
  fleet: v.pipe(v.string(), v.check(isManifestOwner)),
  serial: Serial,
  /** Files that were put in place for it, that were there already, and that were taken away. */
  installed: Count,
  unchanged: Count,
  removed: Count,
  /** Unpadded base64url of the SHA-256 over what is there of the manifest's paths, as of an inventory. [NF-9.8] */
  digest: v.pipe(v.string(), v.regex(/^[0-9A-Za-z_-]{43}$/)),
  /** Paths that are not as the manifest says: state, and why. Of many the first. */
  not: v.fallback(v.optional(v.pipe(v.array(Exception), v.maxLength(200))), undefined),
  /** How many there are in all, where the list has not all. */
  exceptions: v.fallback(v.optional(Count), undefined),
  /** Bytes that came over the link, and requests made for them, the manifest's own included. */
  bytes: Count,
  requests: Count,
});

export type ManifestReceipt = v.InferOutput<typeof ManifestReceipt>;
export type ManifestException = v.InferOutput<typeof Exception>;

/** Reads the body of an outbound Note; undefined if it is no receipt of a manifest. Unknown members are ignored. */
export function parseManifestReceipt(body: unknown): ManifestReceipt | undefined {
  const parsed = v.safeParse(ManifestReceipt, body);
  return parsed.success ? parsed.output : undefined;
}

/** Without `n`, which is given when it is put on disk. */
export function formatManifestReceipt(
  counts: Pick<
    ManifestReceipt,
    "fleet" | "serial" | "installed" | "unchanged" | "removed" | "bytes" | "requests"
  >,
  there: readonly PlacedFile[],
  exceptions: readonly ManifestException[],
): Omit<ManifestReceipt, "n"> {
  const { fleet, serial, installed, unchanged, removed, bytes, requests } = counts;
  const not: ManifestException[] = [];
  for (const exception of exceptions.slice(0, 200)) {
    if (Buffer.byteLength(JSON.stringify([...not, exception])) > EXCEPTIONS_MAX_BYTES) break;
    not.push(exception);
  }
  return {
    state: "manifest",
    ...{ fleet, serial, installed, unchanged, removed, digest: digestOf(there) },
    ...(not.length > 0 && { not }),
    ...(not.length < exceptions.length && { exceptions: exceptions.length }),
    ...{ bytes, requests },
  };
}
