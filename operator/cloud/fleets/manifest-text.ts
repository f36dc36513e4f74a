import { countExceptions } from "../../../protocol/device-manifest.ts";
import { parseManifestReceipt } from "../../../protocol/manifest-receipt.ts";

/** What became of a manifest: how many files, and which are not as it says. Undefined for what is no receipt of one. [NF-11.12] */
export function manifestText(event: object): string | undefined {
  const said = parseManifestReceipt(event);
  if (said === undefined) return undefined;
  const counted = (["installed", "unchanged", "removed"] as const).filter((what) => said[what] > 0);
  const not = said.not?.map(
    ([path, state, reason]) => `${path}: ${state}${reason === "" ? "" : ` (${reason})`}`,
  );
  const more = countExceptions(said) - (not?.length ?? 0);
  return [
    ...counted.map((what) => `${said[what]} ${what}`),
    ...(not ?? []),
    ...(more > 0 ? [`${more} more are not as it says`] : []),
  ].join("; ");
}
