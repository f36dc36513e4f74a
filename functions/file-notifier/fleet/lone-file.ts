import type { FleetState } from "../../../protocol/fleet-state.ts";
import type { Manifest, ManifestFile } from "../../../protocol/manifest.ts";
import { diffFiles } from "../../../protocol/manifest-diff.ts";

/**
 * The one file that readers which know no manifest can be told of: what alone is new or changed, for the whole target; where nothing is, what
 * the last job named. Such a reader may have been away when that came, and the next job cancels it. [NF-13.4]
 *
 * @param before the manifest that was announced last; undefined where none was, or it is lost
 */
export function loneFileOf(
  { announced, manifests }: FleetState,
  { files }: Manifest,
  before: Manifest | undefined,
): ManifestFile | undefined {
  const isLost = announced !== undefined && before === undefined;
  if (isLost && files.length > 1) return undefined;
  const { changed } = diffFiles(before?.files ?? [], files);
  if (changed.length > 1) return undefined;
  const told = manifests.find(({ serial }) => serial === announced?.serial)?.lone;
  const lone = changed[0] ?? files.find(({ path }) => path === told);
  return lone?.share === undefined ? lone : undefined;
}
