import type { FileView } from "../../cloud/file-view.ts";
import { reasonText } from "../../words/reason-text.ts";

/** `NEWEST`: how the content begins that it was told of last, whether it has that or, as one that rolled it back, has not. */
export const FILE_HEADER = ["STATE", "PATH", "REASON", "NEWEST", "SINCE"];

export function fileRow({ state, path, reason, ended, sha256, share, at }: FileView): string[] {
  const text = reasonText(reason, ended);
  const outside = share === "out" ? "outside the share" : "";
  const why = [text, outside].filter((each) => each !== "").join("; ");
  return [state, path, why, sha256?.slice(0, 8) ?? "", at];
}
