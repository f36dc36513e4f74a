import type { Conclusion } from "../delivery/conclude.ts";
import type { ManifestProgress } from "../state/kept-manifests.ts";
import type { AskedFile } from "./decide.ts";
import type { FileState } from "./what-to-say.ts";

/** What follows from how a delivery ended that a manifest asked for. `isQuiet`: the manifest's receipt says it all. [NF-11.12] */
export type AfterDelivery = { state: FileState; progress: ManifestProgress; isQuiet: boolean };

/** How a delivery ends that leaves things as the manifest says. */
const DONE: ReadonlySet<string> = new Set(["installed", "unchanged", "removed"]);

/** @param before how far the manifest had come */
export function afterDelivery(
  { path, wanted, isHeldBack }: AskedFile,
  { receipt, tryLater }: Pick<Conclusion, "receipt" | "tryLater">,
  before: ManifestProgress,
): AfterDelivery {
  const { state = "failed", reason = "", bytes = 0, requests = 0 } = receipt ?? {};
  const progress = { ...before, bytes: before.bytes + bytes, requests: before.requests + requests };
  if (tryLater) return { state: { is: "waiting", reason }, progress, isQuiet: false };
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
      isQuiet: true,
    };
  // The version that those outside the share should have is gone: what is there stays. [NF-11.9]
  const told = isHeldBack && state === "discarded" ? "held-back" : state;
  return {
    state: { is: "exception", state: told, reason },
    progress: { ...progress, exceptions: [...others, { path, sha256: wanted.sha256, state: told, reason }] },
    isQuiet: told === "held-back",
  };
}
