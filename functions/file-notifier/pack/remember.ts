import type { PackingRecords } from "../ports.ts";
import { basesOf, type Content, isRemembered, withContent } from "./contents.ts";

/** Losers of a write to a key's contents try again so often: what is forgotten only costs a patch. */
const MAX_CONFLICTS = 4;

/** Puts a content on record as the key's newest, so that patches to the next can start from it; gives what patches to this one start from. */
export async function remember(
  packings: PackingRecords,
  key: string,
  newest: Content,
  signal: AbortSignal,
): Promise<Content[]> {
  for (let conflicts = 0; ; conflicts += 1) {
    const { contents, tag } = await packings.readContents(key, signal);
    const done =
      isRemembered(contents, newest) ||
      conflicts >= MAX_CONFLICTS ||
      (await packings.writeContents(key, withContent(contents, newest), tag, signal));
    if (done) return basesOf(contents, newest.sha256);
  }
}
