import * as v from "valibot";
import { digestOf, type PlacedFile } from "./inventory.ts";
import { Serial } from "./manifest.ts";
import { Alike, Exception, listExceptions, type ManifestException } from "./manifest-exceptions.ts";
import { ReportNumber } from "./receipt.ts";
import { isManifestOwner } from "./target.ts";

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

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
  /** Paths that are not as the manifest says: state, and why. Of many the first, or the first of each kind. */
  not: v.fallback(v.optional(v.pipe(v.array(Exception), v.maxLength(200))), undefined),
  /** Where the list has one of each kind: others of each. */
  alike: v.fallback(v.optional(Alike), undefined),
  /** How many there are in all, where `not` has not all. */
  exceptions: v.fallback(v.optional(Count), undefined),
  /** Bytes that came over the link, and requests made for them, the manifest's own included. */
  bytes: Count,
  requests: Count,
});

export type ManifestReceipt = v.InferOutput<typeof ManifestReceipt>;

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
  const { not, alike } = listExceptions(exceptions);
  return {
    state: "manifest",
    ...{ fleet, serial, installed, unchanged, removed, digest: digestOf(there) },
    ...(not.length > 0 && { not }),
    ...(alike.length > 0 && { alike }),
    ...(not.length < exceptions.length && { exceptions: exceptions.length }),
    ...{ bytes, requests },
  };
}
