import { TABLE_PATH_MAX_BYTES } from "../../../protocol/delivery-table.ts";
import type { ManifestFile } from "../../../protocol/manifest.ts";
import { diffFiles } from "../../../protocol/manifest-diff.ts";
import { shortReason } from "../../../protocol/reason.ts";
import type { Deliveries, Report } from "../ports.ts";
import type { BuiltManifest } from "./build-manifest.ts";

/** Keeps the operator informed of what each fleet was told: a row for each file that is new in its manifest. */
export type TellOfManifest = {
  announced(fleet: string, built: BuiltManifest, signal: AbortSignal): Promise<void>;
  /** Nothing is thrown: the message goes to the dead letters. */
  gaveUp(fleet: string, built: BuiltManifest | undefined, reason: string): Promise<void>;
};

/** Requests side by side. */
const WRITES_AT_ONCE = 16;

/** Milliseconds. The function's time may nearly be up. */
const GIVE_UP_MS = 5_000;

export function createTellOfManifest({
  deliveries,
  report,
  now,
}: {
  deliveries: Deliveries;
  report: Report;
  now: () => number;
}): TellOfManifest {
  async function each(built: BuiltManifest, write: (file: ManifestFile) => Promise<void>): Promise<void> {
    const { changed } = diffFiles(built.before?.files ?? [], built.manifest.files);
    const told = changed.filter(({ key }) => Buffer.byteLength(key) <= TABLE_PATH_MAX_BYTES);
    const next = told.values(); // shared, so each is taken once
    const writer = async () => {
      for (const file of next) await write(file);
    };
    await Promise.all(Array.from({ length: WRITES_AT_ONCE }, writer));
  }

  return {
    announced: (fleet, built, signal) =>
      each(built, async (file) => {
        signal.throwIfAborted();
        const { key, version: versionId, sha256, size, seq } = file;
        const etag = built.state.files[key]?.etag ?? "";
        const { serial } = built.manifest;
        await deliveries.announced(fleet, { key, versionId, sha256, size, seq, etag, serial, at: now() });
      }),
    async gaveUp(fleet, built, reason) {
      const signal = AbortSignal.timeout(GIVE_UP_MS);
      try {
        if (built === undefined) return;
        await each(built, async ({ key, version: versionId, sha256, seq }) => {
          await deliveries.notAnnounced(
            fleet,
            { key, versionId, sha256, seq, reason: shortReason(reason), at: now() },
            signal,
          );
        });
      } catch (error) {
        report({
          message: "not-shown",
          key: fleet,
          detail: error instanceof Error ? error.message : String(error),
        });
      }
    },
  };
}
