import { countExceptions } from "../../../protocol/device-manifest.ts";
import { exceptionsIn } from "../../../protocol/manifest-exceptions.ts";
import { parseManifestReceipt } from "../../../protocol/manifest-receipt.ts";
import { exceptionsText } from "./exceptions.ts";

/** What became of a manifest: how many files, and which are not as it says. Undefined for what is no receipt of one. [NF-11.12] */
export function manifestText(event: object): string | undefined {
  const said = parseManifestReceipt(event);
  if (said === undefined) return undefined;
  const counted = (["installed", "unchanged", "removed"] as const).filter((what) => said[what] > 0);
  const exceptions = exceptionsIn(said);
  const more = countExceptions(said) - exceptions.length;
  return [
    ...counted.map((what) => `${said[what]} ${what}`),
    ...exceptionsText(exceptions),
    ...(more > 0 ? [`${more} more are not as it says`] : []),
  ].join("; ");
}
