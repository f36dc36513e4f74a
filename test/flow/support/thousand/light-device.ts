import { zstdDecompressSync } from "node:zlib";
import { manifestWays } from "../../../../agent/manifest/manifest-ways.ts";
import { whatToSay } from "../../../../agent/manifest/what-to-say.ts";
import type { PayloadPatch } from "../../../../protocol/choose-way.ts";
import { type Manifest, manifestDigest, parseManifest } from "../../../../protocol/manifest.ts";
import { manifestForDevice } from "../../../../protocol/manifest-for-device.ts";
import type { ManifestReceipt } from "../../../../protocol/manifest-receipt.ts";
import { parseStep, patchesByPath } from "../../../../protocol/manifest-step.ts";
import { type ManifestNotice, parseVariable } from "../../../../protocol/manifest-variable.ts";
import { type Packed, packedKey } from "../../../../protocol/packed.ts";
import { baseName } from "../../../../protocol/representation.ts";
import { sha256 } from "../../../functions/file-notifier/support/packing-world.ts";

/** What devices can ask for, each time one web request. */
export type Served = {
  variable(): string | undefined;
  packed(name: Packed): Buffer;
  version(key: string, versionId: string): Buffer;
};

type Kept = { sha256: string; size: number; text: Buffer };

/** Of a device what a session sees: it hears the variable, asks for what it lacks, and says so. */
export type LightDevice = {
  uid: string;
  hear(): void;
  /** SHA-256s by path. */
  files: ReadonlyMap<string, string>;
  requests: number;
  receipts: Omit<ManifestReceipt, "n">[];
};

const LIMITS = { patchMaxBytes: 262_144, zstdMaxBytes: 1_048_576 };

/** Unpacked once for all devices, each of which would do so: a thousand times the same proves nothing more. */
export function createUnpacking() {
  const done = new Map<string, Buffer>();
  return (name: string, unpack: () => Buffer): Buffer => {
    const content = done.get(name) ?? unpack();
    done.set(name, content);
    return content;
  };
}

export function createLightDevice(
  uid: string,
  served: Served,
  once: ReturnType<typeof createUnpacking>,
  manifests: Map<string, Manifest>,
): LightDevice {
  const contents = new Map<string, Buffer>();
  const files = new Map<string, string>();
  let kept: Kept | undefined;
  let serial = 0;
  const device: LightDevice = { uid, hear, files, requests: 0, receipts: [] };

  function ask<Reply>(request: () => Reply): Reply {
    device.requests += 1;
    return request();
  }

  function fetchManifest(notice: ManifestNotice): { text: Buffer; step: Buffer | undefined } {
    const [way] = manifestWays(notice, kept, LIMITS);
    if (way === undefined) throw new Error("there is always a way");
    const bytes = ask(() => served.packed(way.packed));
    if (way.way === "whole") return { text: bytes, step: undefined };
    const dictionary = kept?.text;
    const patch = way.way === "step" ? parseStep(bytes)?.manifest : bytes;
    if (patch === undefined) throw new Error("no step");
    const options = way.way === "step" && dictionary ? { dictionary } : {};
    const text = once(packedKey(way.packed), () => zstdDecompressSync(patch, options));
    return { text, step: way.way === "step" ? bytes : undefined };
  }

  function contentOf(patch: PayloadPatch | undefined, there: string | undefined, path: string) {
    const base = contents.get(path);
    if (patch === undefined || base === undefined || baseName(there ?? "") !== patch.base) return undefined;
    return once(`${patch.base} ${patch.sha256}`, () => zstdDecompressSync(patch.patch, { dictionary: base }));
  }

  function hear(): void {
    const notice = parseVariable(served.variable() ?? "");
    if (notice === undefined || notice.serial <= serial) return;
    const before = device.requests;
    const { text, step } = fetchManifest(notice);
    const manifest = manifests.get(notice.sha256) ?? parseManifest(text);
    if (manifest === undefined || (!manifests.has(notice.sha256) && manifestDigest(text) !== notice.sha256))
      throw new Error("no manifest");
    manifests.set(notice.sha256, manifest);
    const patches = patchesByPath(step === undefined ? [] : (parseStep(step)?.patches ?? []), manifest.files);
    let installed = 0;
    const asked = manifestForDevice(manifest, uid);
    for (const { file, wanted } of asked) {
      if (files.get(file.path) === wanted.sha256) continue;
      const content =
        contentOf(patches.get(file.path), files.get(file.path), file.path) ??
        ask(() => served.version(file.key, wanted.version));
      const digest = once(`digest ${wanted.sha256} ${content.length}`, () => Buffer.from(sha256(content)));
      if (digest.toString() !== wanted.sha256) throw new Error(`${file.path} is not what was announced`);
      contents.set(file.path, content);
      files.set(file.path, wanted.sha256);
      installed += 1;
    }
    ({ serial } = notice);
    kept = { sha256: notice.sha256, size: text.length, text };
    const states = asked.map(({ file, wanted, isHeldBack }) => ({
      file: {
        ...{ fleet: manifest.fleet, path: file.path, key: file.key, wanted, seq: file.seq, isHeldBack },
        isWithdrawn: false,
        authority: "manifest" as const,
      },
      state: { is: "in-place" as const },
    }));
    const there = manifest.files.flatMap(({ path }) => {
      const digest = files.get(path);
      return digest === undefined ? [] : [{ path, sha256: digest }];
    });
    const counts = { installed, removed: 0, bytes: 0, requests: device.requests - before };
    device.receipts.push(whatToSay(manifest, states, there, counts).receipt);
  }

  return device;
}
