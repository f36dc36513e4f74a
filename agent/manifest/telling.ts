import { createHash } from "node:crypto";
import type { PlacedFile } from "../../protocol/inventory.ts";
import type { Manifest } from "../../protocol/manifest.ts";
import type { Outbox } from "../delivery/outbox.ts";
import type { Emit } from "../events/delivery-event.ts";
import type { Installer } from "../install/installer.ts";
import { askingId } from "./asking-notes.ts";
import type { AskedFile } from "./decide.ts";
import { type Counts, type FileState, whatToSay } from "./what-to-say.ts";

/**
 * Says how far a manifest has come: once when all was tried, and once more when nothing waits any longer, or what does not wait has become another.
 * What waits for hours is no news each time. [NF-11.12]
 *
 * @param asked what the manifest asks this device for
 */
export type Telling = (
  manifest: Manifest,
  asked: readonly AskedFile[],
  stateOf: (file: AskedFile) => FileState,
  counts: Counts,
) => Promise<void>;

export function createTelling(
  { realPath, digest }: Pick<Installer, "realPath" | "digest">,
  outbox: Pick<Outbox, "addManifest" | "toldOf">,
  emit: Emit,
): Telling {
  /** Of each fleet, the states that were looked at last: to work out what there is to say costs reading files. */
  const seen = new Map<string, string>();

  async function whatIsThere(
    { files }: Manifest,
    inPlace: ReadonlyMap<string, string>,
  ): Promise<PlacedFile[]> {
    const there: PlacedFile[] = [];
    for (const { path } of files) {
      const sha256 = inPlace.get(path) ?? (await digest(await realPath(path)).catch(() => undefined));
      if (sha256 !== undefined) there.push({ path, sha256 });
    }
    return there;
  }

  return async (manifest, asked, stateOf, counts) => {
    const { fleet, serial } = manifest;
    const states = asked.map((file) => ({ file, state: stateOf(file) }));
    const now = digestOf(serial, states);
    if (seen.get(fleet) === now) return;
    const inPlace = new Map(
      states
        .filter(({ file, state }) => file.authority === "manifest" && state.is === "in-place")
        .map(({ file }) => [file.path, file.wanted.sha256]),
    );
    const { receipt, isWhole, outcome } = whatToSay(
      manifest,
      states,
      await whatIsThere(manifest, inPlace),
      counts,
    );
    seen.set(fleet, now);
    const told = outbox.toldOf(fleet);
    const { digest: there, not, alike, exceptions: all } = receipt;
    const said = JSON.stringify([there, not, all, ...(alike === undefined ? [] : [alike])]);
    if (told?.serial === serial && (!isWhole || told.said === said)) return;
    outbox.addManifest(receipt, { serial, isWhole, said, outcome });
    const { installed, unchanged, removed, exceptions = receipt.not?.length ?? 0 } = receipt;
    emit({ event: "brought", fleet, serial, installed, unchanged, removed, exceptions });
  };
}

function digestOf(serial: number, states: readonly { file: AskedFile; state: FileState }[]): string {
  const hash = createHash("sha256").update(`${serial}`);
  for (const { file, state } of states)
    hash.update(`\n${askingId(file)} ${file.authority} ${JSON.stringify(state)}`);
  return hash.digest("base64url");
}
