/** A file that is not as a manifest says, in the words of the device's receipt. [NF-11.12] */
type Exception = { state: string; reason: string };

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
  const alike = Map.groupBy(exceptions, (each) => {
    const { reason } = each;
    return `${wordOf(exceptionState(each))}${reason === "" ? "" : ` (${reason})`}`;
  });
  return [...alike].map(([why, files]) => {
    const paths = files.map(({ path }) => path).join(", ");
    return files.length === 1 ? `${paths}: ${why}` : `${files.length} ${why}: ${paths}`;
  });
}
