import type { PayloadPatch } from "../../protocol/choose-way.ts";
import { newerSeq, type Seq } from "../../protocol/seq.ts";
import type { AskingNote } from "../delivery/plan.ts";
import type { AskedFile } from "./decide.ts";

/** Begins the ids of what manifests ask for. */
const PREFIX = "manifest:";

/** The same for the same version, whichever manifest asks for it: what is remembered of its delivery still holds. */
export function askingId({ key, wanted, remove }: AskedFile): string {
  return `${PREFIX}${remove ? "remove " : ""}${wanted.version} ${wanted.sha256} ${key}`;
}

/**
 * What a manifest asks for, as if a Note had announced it.
 *
 * @param serial of the manifest: its files belong together
 * @param latest the highest `seq` that is known of its key: a manifest is not overtaken by what an earlier one has brought
 */
export function askingNote(
  file: AskedFile,
  serial: number,
  payloads: readonly PayloadPatch[],
  latest: Seq | undefined,
): AskingNote {
  const { fleet, key: name, wanted, remove } = file;
  const seq = newerSeq(file.seq, latest) === file.seq ? file.seq : undefined;
  const { size, sha256, version, z, p } = wanted;
  return {
    ...{ id: askingId(file), payloads, group: `${fleet} ${serial}` },
    announcement: { name, size, sha256, version, fleet, seq, z, p },
    ...(remove && { remove }),
  };
}
