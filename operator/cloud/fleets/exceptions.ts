import { countExceptions, type KnownManifest } from "../../../protocol/device-manifest.ts";
import { exceptionsIn } from "../../../protocol/manifest-exceptions.ts";

/** A file that is not as a manifest says, in the words of the device's receipt. [NF-11.12] */
type Exception = { state: string; reason: string; ended?: string | undefined };

/**
 * A state that a device's receipt for a manifest gives a file, in the words of `status`. `overruled`: it has what something else says, such as a
 * key of its own; the receipt's word for that is `unchanged`, as of a file that is as it should be. [NF-11.12]
 */
export function exceptionState({ state, reason }: Exception): string {
  if (state === "unchanged") return "overruled";
  return state === "failed" && reason === "run" ? "rolled-back" : state;
}

/** What is the same of many files is said once: of a version that does not run all files are taken back. */
export function exceptionsText(
  exceptions: readonly (Exception & { path: string })[],
  wordOf: (state: string) => string = (state) => state,
): string[] {
  const alike = Map.groupBy(exceptions, (each) => kindOf(each, wordOf));
  return [...alike].map(([kind, files]) => {
    const paths = files.map(({ path }) => path).join(", ");
    return files.length === 1 ? `${paths}: ${kind}` : `${files.length} ${kind}: ${paths}`;
  });
}

function kindOf(exception: Exception, wordOf = (state: string) => state): string {
  const { reason, ended } = exception;
  const why = ended === undefined ? reason : `${reason}, ${ended}`;
  return `${wordOf(exceptionState(exception))}${why === "" ? "" : ` (${why})`}`;
}

/** Of a file that a receipt does not name, which has no room for all: what it may be. */
export function unlistedText(said: Pick<KnownManifest, "not" | "alike" | "exceptions">): string {
  const listed = exceptionsIn(said);
  const kinds = [...new Set(listed.map((each) => kindOf(each)))].join(", ");
  return `may be one of ${countExceptions(said) - listed.length} more that are not as the manifest says: ${kinds}`;
}
