import { formatInventory, type Inventory } from "../../protocol/inventory.ts";
import { addressKey } from "../../protocol/target.ts";
import type { Installer } from "../install/installer.ts";
import type { InstalledFiles } from "../state/installed-files.ts";

/**
 * What of all that was installed is there, by its content. A file that cannot be read now is not counted: the next start
 * says more. [NF-9.8]
 */
export async function takeInventory(
  installed: Pick<InstalledFiles, "all">,
  installer: Pick<Installer, "digest">,
): Promise<Omit<Inventory, "n">> {
  const placed: { path: string; sha256: string }[] = [];
  for (const [place, { name }] of installed.all()) {
    const sha256 = await installer.digest(place).catch(() => undefined);
    // By the path of its key, which the cloud knows: a link may have led it elsewhere.
    if (sha256 !== undefined) placed.push({ path: addressKey(name).path, sha256 });
  }
  const { n: _, ...inventory } = formatInventory(placed, 1);
  return inventory;
}
