import { InstallFailed } from "../install/install-failed.ts";
import type { AskedVersion } from "../link/link.ts";
import type { InstalledFiles } from "../state/installed-files.ts";
import type { DeviceFiles } from "./delivery.ts";
import { REMEDIES } from "./failures.ts";

/**
 * What is where a file is to go. `ours`: what was brought there. `another`: what somebody has put there since, such as a folder, or a symbolic link
 * that leads to other people's files: that is not ours to remove [NF-11.11]. `unknown`: the disk does not say.
 */
export type ToGo = "ours" | "gone" | "another" | "unknown";

/** @param place where its path really goes */
export async function whatIsToGo(
  { name, sha256 }: Pick<AskedVersion, "name" | "sha256">,
  place: string,
  { installer, installed }: Pick<DeviceFiles, "installer" | "installed">,
): Promise<ToGo> {
  try {
    const there = await installer.digest(place);
    if (there === undefined) return "gone";
    return there === sha256 && placeOf(name, place, installed) === place ? "ours" : "another";
  } catch (error) {
    const isPlaceTaken = error instanceof InstallFailed && REMEDIES[error.reason].state === "refused";
    return isPlaceTaken ? "another" : "unknown";
  }
}

/** Where a file of that key was put, as far as that is known. */
function placeOf(name: string, place: string, installed: Pick<InstalledFiles, "all">): string | undefined {
  const there = installed.all().get(place);
  if (there !== undefined) return there.name === name ? place : undefined;
  const [elsewhere = place] = [...installed.all()].find(([, file]) => file.name === name) ?? [];
  return elsewhere;
}
