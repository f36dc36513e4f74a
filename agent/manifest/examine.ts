import type { DeviceFiles } from "../delivery/delivery.ts";
import type { InstalledFile } from "../state/installed-files.ts";
import type { SettledVersion } from "../state/latest-versions.ts";
import { askingId } from "./asking-notes.ts";
import type { AskedFile } from "./decide.ts";
import type { FileState } from "./what-to-say.ts";

/** What is known of a file, and where it really is. */
export type Looked = FileState & { place: string };

/**
 * Looks at the places of files that a manifest asks for: what is there already costs nothing, and is recorded by one write for all.
 *
 * @param known what was found out before of a version that cannot be had
 */
export async function examine(
  asked: readonly AskedFile[],
  known: (file: AskedFile) => FileState | undefined,
  { installer, installed, failed, placing, latest }: DeviceFiles,
  signal: AbortSignal,
): Promise<Map<string, Looked>> {
  const looked = new Map<string, Looked>();
  const records = new Map<string, InstalledFile>();
  const settled: SettledVersion[] = [];
  // What is at a path may be a version on trial, which counts for nothing until it has shown that it runs.
  const isUnsettled = (await placing.settle(signal)) !== undefined;
  for (const file of asked) {
    signal.throwIfAborted();
    const place = await installer.realPath(file.path);
    const { sha256 } = file.wanted;
    const there = isUnsettled ? undefined : await installer.digest(place).catch(() => undefined);
    if (there !== sha256 || failed.get(place)?.sha256 === sha256) {
      // In its place though it was condemned: somebody has put it there, and answers for it.
      const before = there === sha256 ? undefined : known(file);
      looked.set(askingId(file), { ...(before ?? { is: "waiting", reason: "" }), place });
      continue;
    }
    looked.set(askingId(file), { is: "in-place", place });
    const record = recordOf(file, installed.all().get(place));
    if (record !== undefined) records.set(place, record);
    if (file.seq !== undefined)
      settled.push({ name: file.key, seq: file.seq, again: undefined, gone: false });
  }
  // A disk that takes neither is no reason to fetch what is there.
  await installed.setAll(records).catch(() => undefined);
  await latest.raise(settled).catch(() => undefined);
  return looked;
}

/** Undefined where it says so already. What was there, nobody knows why, no manifest has brought. [NF-11.11] */
function recordOf(
  { key, wanted, fleet }: AskedFile,
  before: InstalledFile | undefined,
): InstalledFile | undefined {
  const { size, sha256, version } = wanted;
  const isSame = before?.name === key && before.sha256 === sha256;
  if (isSame && before.version === version && before.fleet === fleet) return undefined;
  const brought = before?.name === key ? fleet : undefined;
  if (isSame && before.version === version && before.fleet === brought) return undefined;
  const installedAt = isSame ? before.installedAt : new Date().toISOString();
  return { name: key, size, sha256, etag: isSame ? before.etag : "", version, fleet: brought, installedAt };
}
