import type { Unpacking } from "../../protocol/choose-way.ts";
import { InstallFailed } from "../install/install-failed.ts";
import type { DeviceFiles } from "./delivery.ts";
import type { ReadyFile } from "./note-states.ts";
import type { Candidate } from "./plan.ts";
import { contentOf, formOf } from "./ways.ts";

/** The content of a file that was fetched and waits: its download, and what patches start from, are read only now. */
export function createReadyContent(
  { installer, partials }: Pick<DeviceFiles, "installer" | "partials">,
  unpacking: Unpacking,
) {
  return async function* ({ announcement, path }: Candidate, { way }: ReadyFile): AsyncIterable<Buffer> {
    if (way === undefined) return;
    const partial = await partials.open(path, { ...announcement, size: way.bytes, form: formOf(way) });
    try {
      const patched = way.way === "patch" || way.way === "note";
      const base = patched ? await installer.read(path, unpacking.patchMaxBytes) : undefined;
      if (patched && base === undefined) throw new InstallFailed("packing", "what it is a patch for is gone");
      yield* contentOf(way, partial.content(), announcement.size, base);
    } finally {
      await partial.close();
    }
  };
}
