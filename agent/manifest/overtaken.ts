import { isDeviceKey, pathOrKey } from "../../protocol/target.ts";
import type { AskingNote, OlderNote } from "../delivery/plan.ts";
import type { LatestVersion } from "../state/latest-versions.ts";
import { type AskedFile, isNewer } from "./decide.ts";

/**
 * The Notes that ask for what a manifest has decided otherwise. A Note of the manifest's key counts with a higher `seq`, or if it asks for the
 * same version once more [NF-11.13]; of another key, if it is the device's own [NF-11.10]: what else were put in that place, the manifest would
 * have taken back.
 *
 * @param asked what manifests ask for, where they count
 */
export function overtakenNotes(
  notes: readonly AskingNote[],
  asked: ReadonlyMap<string, AskedFile>,
  latestOf: (key: string) => LatestVersion | undefined,
): OlderNote[] {
  return notes.flatMap(({ id, announcement }): OlderNote[] => {
    if (announcement === undefined || isDeviceKey(announcement.name)) return [];
    const { name, sha256, etag, seq, again = 0 } = announcement;
    const file = asked.get(pathOrKey(name));
    if (file === undefined) return [];
    const isSame = file.key === name && file.wanted.sha256 === sha256;
    const asksAgain = again > (latestOf(name)?.again ?? 0) || isRequest(id);
    if (isSame && asksAgain) return [];
    if (file.key === name && isNewer(seq, file.seq)) return [];
    return [{ id, name, etag, seq }];
  });
}

/** A person's, which is no Note of the queue. */
function isRequest(id: string): boolean {
  return id.startsWith("request:");
}
