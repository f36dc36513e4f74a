import { isDeviceKey, pathOrKey } from "../../protocol/target.ts";
import type { AskingNote, OlderNote } from "../delivery/plan.ts";
import { type AskedFile, isLater, type OtherWord } from "./decide.ts";

/**
 * The Notes that ask for what a manifest has decided otherwise. A Note of the manifest's key counts with a higher `seq`, or if it asks for the
 * same version once more [NF-11.13]; of another key, if it is the device's own [NF-11.10]: what else were put in that place, the manifest would
 * have taken back. A device that goes by manifests lets no other Note take the place of its own key's file: nobody would put that back.
 *
 * @param asked what manifests ask for, where they count or a Note of the same key does
 */
export function overtakenNotes(
  notes: readonly AskingNote[],
  asked: ReadonlyMap<string, AskedFile>,
  { hasOwnKey, latestOf }: Pick<OtherWord, "hasOwnKey" | "latestOf">,
): OlderNote[] {
  return notes.flatMap(({ id, announcement }): OlderNote[] => {
    if (announcement === undefined || isDeviceKey(announcement.name)) return [];
    const { name, sha256, etag, seq, again = 0 } = announcement;
    if (hasOwnKey(pathOrKey(name))) return [{ id, name, etag, seq }];
    const file = asked.get(pathOrKey(name));
    if (file === undefined) return [];
    const isSame = file.key === name && file.wanted.sha256 === sha256;
    const asksAgain = again > (latestOf(name)?.again ?? 0) || isRequest(id);
    if (isSame && asksAgain) return [];
    if (file.key === name && isLater(seq, file)) return [];
    return [{ id, name, etag, seq }];
  });
}

/** A person's, which is no Note of the queue. */
function isRequest(id: string): boolean {
  return id.startsWith("request:");
}
