import { type Delivery, judge } from "../../../protocol/delivery-state.ts";
import type { KnownInventory } from "../../../protocol/placed.ts";
import type { FileByManifest } from "../../cloud/fleets/file-by-manifest.ts";
import { exceptionState } from "./exceptions.ts";
import { reasonText } from "./reason-text.ts";

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
  { delivery, share, exception }: FileByManifest,
  inventory: KnownInventory | undefined,
): FileView {
  const view = { ...fileView(delivery, inventory), share };
  if (exception === undefined || view.state !== "announced") return view;
  const { reason, at } = exception;
  return {
    ...view,
    state: exceptionState(exception),
    reason: reason === "" ? undefined : reason,
    at: new Date(at).toISOString(),
  };
}

/** `NEWEST`: how the content begins that it was told of last, whether it has that or, as one that rolled it back, has not. */
export const FILE_HEADER = ["STATE", "PATH", "REASON", "NEWEST", "SINCE"];

export function fileRow({ state, path, reason, ended, sha256, share, at }: FileView): string[] {
  const text = reasonText(reason, ended);
  const outside = share === "out" ? "outside the share" : "";
  const why = [text, outside].filter((each) => each !== "").join("; ");
  return [state, path, why, sha256?.slice(0, 8) ?? "", at];
}
