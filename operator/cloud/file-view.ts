import { type Delivery, judge } from "../../protocol/delivery-state.ts";
import type { KnownInventory } from "../../protocol/placed.ts";
import { exceptionState } from "./fleets/exceptions.ts";
import type { FileByManifest } from "./fleets/file-by-manifest.ts";
import { ofLeftFleet } from "./fleets/left-fleet.ts";

/** What is shown of one file of one device; `at` is when it came to that, as an ISO date. */
export type FileView = {
  path: string;
  key: string | undefined;
  sha256: string | undefined;
  state: string;
  reason: string | undefined;
  /** How its program ended, of a version that did not run. */
  ended: string | undefined;
  way: string | undefined;
  /** Whether the device is in the part of its fleet that gets the newest version, where that is not all of it. */
  share?: "in" | "out" | undefined;
  at: string;
};

export function fileView(delivery: Delivery, inventory: KnownInventory | undefined): FileView {
  const { path, announced, reported, placed } = delivery;
  const found = judge(delivery, inventory);
  const withheld = found.by === "unannounced" ? found.part : undefined;
  const said = found.by === "reported" ? found.part : undefined;
  return {
    path,
    key: withheld?.key ?? announced?.key ?? reported?.key,
    sha256: withheld === undefined ? (announced ?? reported ?? placed)?.sha256 : withheld.sha256,
    state: found.state,
    reason: said?.reason ?? withheld?.reason,
    ended: said?.ended,
    way: said?.way,
    at: new Date(found.part?.at ?? 0).toISOString(),
  };
}

/** With what manifests say: of a device outside a share its version is the one before. */
export function fileByManifestView(
  { delivery, share, exception, unlisted, left }: FileByManifest,
  inventory: KnownInventory | undefined,
): FileView {
  const view = { ...fileView(delivery, inventory), share };
  if (left !== undefined) return ofLeftFleet(view, left);
  if (view.state !== "announced") return view;
  if (exception === undefined) return unlisted === undefined ? view : { ...view, reason: unlisted };
  const { reason, ended, at } = exception;
  return {
    ...view,
    state: exceptionState(exception),
    reason: reason === "" ? undefined : reason,
    ended,
    at: new Date(at).toISOString(),
  };
}
