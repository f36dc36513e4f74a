import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished } from "vitest";
import type { QueuedNote } from "../../../../../agent/link/link.ts";
import {
  formatManifest,
  type ManifestFile,
  manifestDigest,
  ownKey,
} from "../../../../../protocol/manifest.ts";
import { formatVariable, variableName } from "../../../../../protocol/manifest-variable.ts";
import { packedKey } from "../../../../../protocol/packed.ts";
import { memoryFolder } from "../../../../support/memory-folder.ts";
import { createRandom } from "../../../../support/seeded-random.ts";
import { createFleetDevice } from "./device.ts";

export const FLEET = "fleet:1";

/** One device of one fleet, with nothing around it but what a test says. */
export async function createOneDevice() {
  const folder = await mkdtemp(path.join(memoryFolder(), "noteferry-device-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const versions = new Map<string, Buffer>();
  const manifests = new Map<string, Buffer>();
  const variables = new Map<string, string>();
  const queue: QueuedNote[] = [];
  const current = new Map<string, { versionId: string; bytes: Buffer; etag: string }>();
  const random = createRandom(1);
  const disk = { full: false };
  let steps = 0;
  let serial = 0;
  const step = () =>
    new Promise<void>((resolve) => {
      steps += 1;
      setImmediate(resolve);
    });
  const device = createFleetDevice(
    folder,
    {
      ...{ device: "dev:1", random, faulty: () => false, step, now: () => steps, queue, variables },
      bucket: { current: (key) => current.get(key), find: (_key, versionId) => versions.get(versionId) },
      ...{ packed: (key) => manifests.get(key), piece: () => 1_000_000 },
    },
    { random, step, isFull: () => disk.full },
  );
  return {
    ...{ device, versions, disk },
    /** Notes that the Notecard has, and what keys hold that they announce. */
    ...{ queue, current },
    /** Announces what each path is to have: the id of a version and its content, or a change of that entry. */
    announce(
      files: Readonly<Record<string, [id: string, content: string, change?: Partial<ManifestFile>]>>,
      fleet = FLEET,
    ) {
      serial += 1;
      const entries = Object.entries(files).map(([file, [version, content, change]]): ManifestFile => {
        const sha256 = createHash("sha256").update(content).digest("base64url");
        return { path: file, key: ownKey(fleet, file), size: content.length, sha256, version, ...change };
      });
      const text = Buffer.from(formatManifest({ fleet, serial, prune: false, files: entries }));
      const sha256 = manifestDigest(text);
      manifests.set(packedKey({ sha256, manifest: true }), text);
      variables.set(variableName(fleet), formatVariable({ serial, sha256, size: text.length }));
    },
    /** The device is in that fleet no more. */
    leave: (fleet: string) => variables.delete(variableName(fleet)),
    /** The agent runs until it has nothing more to do. */
    async work(): Promise<void> {
      const stopping = new AbortController();
      const idle = device.idle();
      const running = device.run(stopping.signal);
      const failed = running.then(() => "ended");
      await Promise.race([failed, expect.poll(device.idle, { interval: 1 }).toBeGreaterThan(idle + 20)]);
      stopping.abort();
      await running;
    },
    receipt: () => device.reports.findLast((report) => report.state === "manifest"),
  };
}
