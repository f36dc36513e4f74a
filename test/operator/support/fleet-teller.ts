import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { clientConfig } from "../../../operator/cloud/client-config.ts";
import { readLocalDeployment } from "../../../operator/cloud/local-deployment.ts";
import {
  type FleetFile,
  type FleetState,
  fleetStateKey,
  type StoredManifest,
} from "../../../protocol/fleet-state.ts";
import { formatManifest, type ManifestFile, manifestDigest } from "../../../protocol/manifest.ts";
import { packedKey } from "../../../protocol/packed.ts";
import { addressKey } from "../../../protocol/target.ts";

/** A content by its letter. */
export const sha256Of = (letter: string) => letter.repeat(43);

/** A version of a file of a fleet, with the letter of its content. */
export function fleetFile(letter: string, more: Partial<FleetFile> = {}): FleetFile {
  return { version: `v-${letter}`, size: 9, sha256: sha256Of(letter), etag: `e-${letter}`, ...more };
}

/** Puts what the notifier would on record of a fleet. */
export async function createFleetTeller(folder: string, fleet: string) {
  const deployment = await readLocalDeployment(folder);
  const client = new S3Client({ ...clientConfig(deployment.s3), forcePathStyle: true });
  const put = (Bucket: string, Key: string, Body: string) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body }));
  let state: FleetState = { version: 1, fleet, revision: 0, files: {}, manifests: [] };
  return {
    get state() {
      return state;
    },
    /** Without announcing it. */
    async write(change: Partial<FleetState>): Promise<void> {
      state = { ...state, ...change, revision: state.revision + 1 };
      await put("announcements", fleetStateKey(fleet), JSON.stringify(state));
    },
    /** @param at milliseconds since the epoch */
    async announce(serial: number, at: number, files: Record<string, FleetFile>): Promise<void> {
      const entries = Object.entries(files).map(([key, file]): ManifestFile => {
        const { etag: _its, previous, ...rest } = file;
        return { ...rest, key, path: addressKey(key).path, ...(previous && { previous }) };
      });
      const text = formatManifest({ fleet, serial, prune: false, files: entries });
      const sha256 = manifestDigest(text);
      await put("packed", packedKey({ sha256, manifest: true }), text);
      const stored: StoredManifest = { serial, sha256, size: text.length, at };
      const { changedAt: _over, ...rest } = state;
      state = rest;
      await this.write({
        ...{ files, serial, announced: { revision: state.revision + 1, serial, at } },
        manifests: [stored, ...state.manifests].slice(0, 5),
      });
    },
    hold: (until: number, by: string) =>
      put("announcements", `holds/${fleet}.json`, JSON.stringify({ until, by })),
    [Symbol.dispose]: () => client.destroy(),
  };
}
