import { pathOrKey } from "../../../../../protocol/target.ts";
import type { Random } from "../../../../support/seeded-random.ts";
import type { ModelBucket } from "../bucket.ts";
import type { FleetCloud } from "./cloud.ts";
import { CONTENTS, DEVICES, FLEETS, KEYS } from "./places.ts";

/** What people do to a bucket and to fleets, and S3's events of it. */
export function createOperations(
  bucket: ModelBucket,
  { metadata, members, send }: Pick<FleetCloud, "metadata" | "members" | "send">,
  random: Random,
  faulty: () => boolean,
  /** Told by Notes, fleets have no shares: an operator who gives one is refused. */
  areByNotes: () => boolean,
) {
  const percents = new Map<string, { percent: number; pending: { done: boolean } | undefined }>();
  const uploaded = new Map<string, Set<string>>();
  const moved = new Set<string>();
  const everHad = new Set<string>();

  function put(key: string, bytes: Buffer, share?: number): void {
    bucket.put(key, bytes);
    everHad.add(key);
    const { versionId = "" } = bucket.current(key) ?? {};
    const path = pathOrKey(key);
    uploaded.set(path, (uploaded.get(path) ?? new Set()).add(bytes.toString()));
    // Whether it is for a part or not: it may be later.
    const release = random.pick([undefined, "spring", "autumn"]);
    metadata.set(versionId, { share: share === undefined ? undefined : `${share}%`, release });
    if (share === undefined) return;
    percents.set(versionId, { percent: share, pending: undefined });
  }

  /** An operator raises and lowers, and sees that a share was taken before giving the next. */
  function share(key: string): void {
    const { versionId } = bucket.current(key) ?? {};
    if (versionId === undefined || isDevices(key) || areByNotes()) return;
    if (percents.get(versionId)?.pending?.done === false) return;
    const percent = random.pick([0, 20, 50, 80, 100]);
    const body = JSON.stringify({ share: { bucket: "files", key, versionId, percent } });
    percents.set(versionId, { percent, pending: send(body) });
  }

  return {
    put,
    change(): void {
      const key = random.pick(KEYS) ?? "";
      const versions = bucket.versions(key);
      const version = random.pick(versions);
      const draw = random.below(12);
      const content = random.pick(CONTENTS) ?? Buffer.alloc(0);
      const isShared = !isDevices(key) && random.chance(0.2);
      if (draw < 5 || version === undefined)
        put(key, content, isShared ? random.pick([0, 30, 60, 100]) : undefined);
      else if (draw === 5) put(key, random.pick(versions.flatMap(({ bytes }) => bytes ?? [])) ?? content);
      else if (draw < 8) bucket.remove(key);
      else if (draw === 8 && versions.length > 1)
        bucket.removeVersion(key, versions[0]?.versionId ?? "", "LifecycleExpiration");
      else if (draw === 9) bucket.removeVersion(key, version.versionId, "ObjectRemoved");
      else share(key);
    },
    /** In any order, some twice, some never. */
    raiseEvent(): void {
      const [body] = bucket.events.splice(random.below(bucket.events.length), 1);
      // What is a device's own no sweep looks for.
      const isHealed = body?.includes("devices%2F") === false;
      if (body === undefined || (faulty() && isHealed && random.chance(0.1))) return;
      for (const _ of faulty() && random.chance(0.2) ? [1, 2] : [1]) send(body);
    },
    move(): void {
      const fleet = members.get(random.pick(FLEETS));
      const uid = random.pick(DEVICES);
      moved.add(uid);
      if (fleet?.has(uid)) fleet.delete(uid);
      else fleet?.add(uid);
    },
    /** A share is on its way. */
    isSharing: () => [...percents.values()].some(({ pending }) => pending?.done === false),
    release: (versionId: string): string | undefined => metadata.get(versionId)?.release,
    percent: (versionId: string): number => percents.get(versionId)?.percent ?? 100,
    /** Every content that was ever uploaded, by path. */
    uploaded,
    /** Keys that were ever put, also where no version of them is left. */
    everHad,
    /** Devices that were not always in the same fleets. */
    moved,
  };
}

function isDevices(key: string): boolean {
  return key.startsWith("devices/");
}
