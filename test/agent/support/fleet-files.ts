import {
  formatManifest,
  type Manifest,
  type ManifestFile,
  manifestDigest,
  ownKey,
} from "../../../protocol/manifest.ts";
import { formatStep, type StepPatch } from "../../../protocol/manifest-step.ts";
import { formatVariable, variableName } from "../../../protocol/manifest-variable.ts";
import { type Packed, packedKey } from "../../../protocol/packed.ts";
import { baseName } from "../../../protocol/representation.ts";
import type { FakeCard } from "./fake-card.ts";
import { sha256 } from "./fake-card.ts";
import { versionedKey } from "./fake-server.ts";
import { patchOf, seqOf, zstdOf } from "./packed.ts";

export const FLEET = "fleet:00000000-0000-4000-8000-000000000002";
export const DEVICE = "dev:000000000000001";

/** What serves files: a fake card's server, or another. */
type Server = { files: Map<string, Buffer>; setVariable(name: string, value: string): void };

export type FleetOptions = {
  fleet?: string;
  stage?: string;
  prune?: boolean;
  /** Without a step, though one could be made. */
  noStep?: boolean;
  noZstd?: boolean;
  /** Changes an entry before it is announced. */
  entry?: (file: ManifestFile) => ManifestFile;
};

/** A fleet's side of the contract: keeps its files, makes manifests and steps, and announces them by the variable. */
export type FakeFleet = {
  /** Announces these files, by path, besides those that were there; without content a file leaves. */
  announce(changes: Readonly<Record<string, Buffer | undefined>>): Manifest;
  manifest(): Manifest;
  readonly variable: string;
  versionOf(path: string): string;
  /** Everything that the server was given for the manifest: to take it away. */
  packedOf(packed: Packed): string;
};

export function createFleet(server: Server, options: FleetOptions = {}): FakeFleet {
  const {
    fleet = FLEET,
    stage,
    prune = false,
    noStep = false,
    noZstd = false,
    entry = (file) => file,
  } = options;
  const contents = new Map<string, { content: Buffer; order: number; before?: Buffer | undefined }>();
  const variable = variableName(fleet, stage);
  let serial = 1000;
  let before: { text: Buffer; manifest: Manifest } | undefined;
  let order = 0;
  const put = (packed: Packed, bytes: Buffer) => server.files.set(`packed:${packedKey(packed)}`, bytes);
  const idOf = (path: string, content: Buffer) =>
    `v${sha256(Buffer.concat([Buffer.from(fleet + path), content])).slice(0, 20)}`;

  return {
    variable,
    packedOf: (packed) => `packed:${packedKey(packed)}`,
    versionOf: (path) => idOf(path, contents.get(path)?.content ?? Buffer.alloc(0)),
    manifest() {
      if (before === undefined) throw new Error("nothing was announced");
      return before.manifest;
    },
    announce(changes) {
      for (const [path, content] of Object.entries(changes)) {
        order += 1;
        if (content === undefined) contents.delete(path);
        else contents.set(path, { content, order, before: contents.get(path)?.content });
      }
      serial += 1;
      const files = [...contents].map(([path, { content, order: its }]): ManifestFile => {
        const key = ownKey(fleet, path);
        const version = idOf(path, content);
        server.files.set(versionedKey(key, version), content);
        return entry({ path, key, size: content.length, sha256: sha256(content), version, seq: seqOf(its) });
      });
      const manifest: Manifest = {
        fleet,
        serial,
        prune,
        files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
      };
      const text = Buffer.from(formatManifest(manifest));
      const digest = manifestDigest(text);
      put({ sha256: digest, manifest: true }, text);
      const zstd = zstdOf(text);
      if (!noZstd) put({ sha256: digest }, zstd);
      let step: { base: string; bytes: number } | undefined;
      if (before !== undefined && !noStep) {
        const patches = manifest.files.flatMap(({ path }, index): StepPatch[] => {
          const changed = contents.get(path);
          if (changed?.before === undefined || !(path in changes)) return [];
          return [
            {
              index,
              base: baseName(sha256(changed.before)),
              patch: patchOf(changed.before, changed.content),
            },
          ];
        });
        const bytes = formatStep({ manifest: patchOf(before.text, text), patches });
        const base = manifestDigest(before.text);
        if (bytes !== undefined) {
          put({ sha256: digest, base, manifest: true }, Buffer.from(bytes));
          step = { base: baseName(base), bytes: bytes.length };
        }
      }
      const notice = {
        serial,
        sha256: digest,
        size: text.length,
        step,
        zstd: noZstd ? undefined : zstd.length,
      };
      server.setVariable(variable, formatVariable(notice));
      before = { text, manifest };
      return manifest;
    },
  };
}

/** The receipts of manifests that a fake card was given. */
export function manifestReceipts(card: FakeCard): Record<string, unknown>[] {
  return card.reports.filter(({ state }) => state === "manifest").map((report) => ({ ...report }));
}
