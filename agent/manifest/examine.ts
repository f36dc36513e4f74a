import type { DeviceFiles } from "../delivery/delivery.ts";
import { whatIsToGo } from "../delivery/what-is-to-go.ts";
import { fleetThatBrought, type InstalledFile } from "../state/installed-files.ts";
import type { SettledVersion } from "../state/latest-versions.ts";
import { digestOf } from "../trial/failed-versions.ts";
import { askingId } from "./asking-notes.ts";
import type { AskedFile } from "./decide.ts";
import type { FileState } from "./what-to-say.ts";

type Look = { is: boolean; isGone: boolean };
const NOT_SETTLED: Look = { is: false, isGone: false };

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
  const records = new Map<string, InstalledFile | undefined>();
  const settled: SettledVersion[] = [];
  // What is at a path may be a version on trial, which counts for nothing until it has shown that it runs.
  const isUnsettled = (await placing.settle(signal)) !== undefined;
  const isCondemned = ({ wanted, remove }: AskedFile, place: string) => {
    const failure = failed.get(place);
    return failure?.sha256 === wanted.sha256 && failure.removed === remove && !failure.forgiven;
  };
  /** What failed with another version at this place may run with this one, as soon as it is asked for. [NF-9.12] */
  const forgiveOthers = async ({ wanted, remove }: AskedFile, place: string) => {
    const failure = failed.get(place);
    const now = digestOf({ ...wanted, removed: remove });
    // What the disk does not take is found out again by the next run.
    if (failure?.unit !== undefined && digestOf(failure) !== now)
      await failed.settle(new Map([[place, now]])).catch(() => undefined);
  };
  /** Whether it is as the manifest wants it, and whether it is a file that was to go and has. */
  const lookAt = async (file: AskedFile, place: string): Promise<Look> => {
    const { key: name, wanted, remove } = file;
    if (!remove)
      return { is: (await installer.digest(place).catch(() => "")) === wanted.sha256, isGone: false };
    const toGo = await whatIsToGo({ name, sha256: wanted.sha256 }, place, { installer, installed });
    return { is: toGo === "gone" || toGo === "another", isGone: toGo === "gone" };
  };
  for (const file of asked) {
    signal.throwIfAborted();
    const place = await installer.realPath(file.path);
    const { is, isGone } = isUnsettled ? NOT_SETTLED : await lookAt(file, place);
    if (is && !isCondemned(file, place)) {
      const before = installed.all().get(place);
      // Where a link has come in the way of what was to go, it leads to the place of another file.
      const isElsewhere = file.remove && before?.name !== file.key;
      looked.set(askingId(file), { is: "in-place", place: isElsewhere ? file.path : place });
      if (isElsewhere) continue;
      await forgiveOthers(file, place);
      if (isGone) await placing.wasRemoved(place);
      if (file.remove && before) records.set(place, isGone ? undefined : withoutFleet(before));
      else if (isNews(file, before)) records.set(place, recordOf(file, before));
      if (file.seq !== undefined)
        settled.push({ name: file.key, seq: file.seq, again: undefined, gone: false });
      continue;
    }
    // In its place though it was condemned: somebody has put it there, and answers for it.
    const before = is ? undefined : known(file);
    looked.set(askingId(file), { ...(before ?? { is: "waiting", reason: "" }), place });
  }
  // A disk that takes neither is no reason to fetch what is there.
  await installed.setAll(records).catch(() => undefined);
  await latest.raise(settled).catch(() => undefined);
  return looked;
}

function isNews(file: AskedFile, before: InstalledFile | undefined): boolean {
  const { key, wanted } = file;
  const isSame = before?.name === key && before.sha256 === wanted.sha256 && before.version === wanted.version;
  return !isSame || before.fleet !== broughtBy(file, before);
}

function recordOf(file: AskedFile, before: InstalledFile | undefined): InstalledFile {
  const { key, wanted } = file;
  const { size, sha256, version } = wanted;
  const isSame = before?.name === key && before.sha256 === sha256;
  const installedAt = isSame ? before.installedAt : new Date().toISOString();
  const etag = isSame ? before.etag : "";
  return { name: key, size, sha256, etag, version, fleet: broughtBy(file, before), installedAt };
}

function broughtBy({ key, fleet }: AskedFile, before: InstalledFile | undefined): string | undefined {
  return fleetThatBrought({ name: key, fleet }, before);
}

/** What somebody has put in the place of what a manifest had brought is not its to remove. */
function withoutFleet(before: InstalledFile): InstalledFile {
  return { ...before, fleet: undefined };
}
