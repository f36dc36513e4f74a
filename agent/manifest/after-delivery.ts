import type { Conclusion } from "../delivery/conclude.ts";
import { isRevived } from "../delivery/revive.ts";
import type { ManifestProgress } from "../state/kept-manifests.ts";
import type { AskedFile } from "./decide.ts";
import type { FileState } from "./what-to-say.ts";

/** What follows from how a delivery ended that a manifest asked for; it is told by the manifest's receipt alone. [NF-11.12] */
export type AfterDelivery = { state: FileState; progress: ManifestProgress };

/** How a delivery ends that leaves things as the manifest says. */
const DONE: ReadonlySet<string> = new Set(["installed", "unchanged", "removed"]);

/** @param before how far the manifest had come */
export function afterDelivery(
  { path, wanted }: AskedFile,
  { receipt, tryLater }: Pick<Conclusion, "receipt" | "tryLater">,
  before: ManifestProgress,
): AfterDelivery {
  // Without a receipt there is nothing to be done any more.
  const { state = "unchanged", reason = "", ended, bytes = 0, requests = 0 } = receipt ?? {};
  const progress = { ...before, bytes: before.bytes + bytes, requests: before.requests + requests };
  if (tryLater) return { state: { is: "waiting", reason }, progress };
  const others = before.exceptions.filter((each) => each.path !== path);
  if (DONE.has(state))
    return {
      state: { is: "in-place" },
      progress: {
        ...progress,
        installed: before.installed + (state === "installed" ? 1 : 0),
        removed: before.removed + (state === "removed" ? 1 : 0),
        exceptions: others,
        patches: before.patches.filter((patch) => patch.path !== path),
      },
    };
  const { sha256, version } = wanted;
  return {
    state: { is: "exception", state, reason, ended },
    progress: { ...progress, exceptions: [...others, { path, sha256, version, state, reason, ended }] },
  };
}

/**
 * Whether what failed with a file that was asked for once more is in its place now as a manifest wants it: its receipt is due again anyway.
 *
 * @param askedBy what a manifest asks for by a key
 */
export function isToldAnyway(
  id: string,
  { receipt }: Pick<Conclusion, "receipt">,
  askedBy: (key: string) => AskedFile | undefined,
): boolean {
  if (!isRevived(id) || receipt === undefined || !DONE.has(receipt.state)) return false;
  const file = askedBy(receipt.name);
  return file?.key === receipt.name && file.wanted.sha256 === receipt.sha256;
}
