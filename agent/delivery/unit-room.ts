import type { SpaceClaim } from "../install/disk-space.ts";
import type { AskedVersion } from "../link/link.ts";
import type { DeviceFiles } from "./delivery.ts";
import type { Unit } from "./next-task.ts";
import type { NoteStates } from "./note-states.ts";
import type { Candidate } from "./plan.ts";

/** Room on disks for all of a unit, looked for before anything of it is paid for. */
export function createUnitRoom(
  { installer, placing, partials }: Pick<DeviceFiles, "installer" | "placing" | "partials">,
  notes: NoteStates,
) {
  /** The unit that there was room for: it is looked for once, not with each file, and again when others come to it. */
  let roomy: string | undefined;
  const nameOf = ({ members }: Unit) => JSON.stringify(members.map(({ id }) => id));

  return {
    /** What the others will take, as far as it has not come yet. */
    async forOthers(unit: Unit, candidate: Candidate): Promise<SpaceClaim[]> {
      if (roomy === nameOf(unit)) return [];
      const claims: SpaceClaim[] = [];
      for (const { id, announcement, path, remove } of unit.members) {
        if (path === candidate.path) continue;
        const toFetch = notes.of(id).ready === undefined ? leastBytes(announcement) : 0;
        claims.push({ folder: await installer.folderOf(path), bytes: remove ? 0 : announcement.size });
        if (!remove) claims.push({ folder: partials.folder, bytes: toFetch });
        // What is wrong with its place is that file's own matter.
        const kept = installer.lend(path, (_file, existing) => placing.claims(path, existing));
        claims.push(...(await kept.catch(() => [])));
      }
      return claims;
    },
    found(unit: Unit): void {
      roomy = nameOf(unit);
    },
  };
}

/** The fewest bytes that a version may come in. */
function leastBytes({ size, z = size, p = [] }: AskedVersion): number {
  return Math.min(size, z, ...p.map(([, bytes]) => bytes));
}
