import { zstdDecompressSync } from "node:zlib";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "vitest";
import { type FleetState, fleetStateKey, parseFleetState } from "../../../../protocol/fleet-state.ts";
import { type Manifest, manifestDigest, parseManifest } from "../../../../protocol/manifest.ts";
import { parseStep } from "../../../../protocol/manifest-step.ts";
import { type ManifestNotice, parseVariable, variableName } from "../../../../protocol/manifest-variable.ts";
import { packedKey } from "../../../../protocol/packed.ts";
import { type PackingWorld, startPackingWorld } from "./packing-world.ts";
import { drain, type EnvironmentOptions, invoke } from "./world.ts";

export const FLEET = "fleet:1042ddc5-3b2c-4cec-b1fb-d3040538094d";
export const own = (path: string) => `fleets/${FLEET}/${path}`;

export type FleetWorld = PackingWorld & {
  /** A new execution environment that tells fleets by their variable. */
  teller(options?: EnvironmentOptions): ReturnType<PackingWorld["environment"]>;
  /** Uploads, and queues the event. */
  put(key: string, content: string | Uint8Array, share?: string): Promise<string>;
  /** Puts a delete marker, and queues the event. */
  remove(key: string): Promise<void>;
  /** Has one environment work until nothing is queued. */
  settle(options?: EnvironmentOptions): Promise<void>;
  /** Has this one work until nothing is queued. */
  settleWith(handler: ReturnType<PackingWorld["environment"]>): Promise<void>;
  state(fleet?: string): Promise<FleetState>;
  writeState(state: FleetState): Promise<void>;
  notice(fleet?: string): ManifestNotice | undefined;
  /** The announced manifest, as a device gets it. */
  manifest(fleet?: string): Promise<Manifest>;
  /** PUTs of variables, oldest first. */
  puts(): number;
};

export async function startFleetWorld(): Promise<FleetWorld> {
  const world = await startPackingWorld();
  world.notehub.fleets.set(FLEET, []);

  async function queueEvent(versionId: string | undefined): Promise<void> {
    world.aws.send(await world.eventOf(versionId));
  }

  async function manifestNamed(sha256: string): Promise<Buffer> {
    const bytes = await world.read("packed", packedKey({ sha256, manifest: true }));
    expect(manifestDigest(bytes)).toBe(sha256);
    return bytes;
  }

  const teller: FleetWorld["teller"] = (options = {}) =>
    world.packer({
      ...options,
      env: { FILES_BUCKET: "files", FLEET_ANNOUNCEMENTS: "variable", ...options.env },
    });

  const fleets: FleetWorld = {
    ...world,
    teller,
    async put(Key, content, share) {
      const Metadata = share === undefined ? {} : { "noteferry-share": share };
      const command = new PutObjectCommand({ Bucket: "files", Key, Body: Buffer.from(content), Metadata });
      const { VersionId: versionId = "" } = await world.s3.send(command);
      await queueEvent(versionId);
      return versionId;
    },
    async remove(Key) {
      const { VersionId } = await world.s3.send(new DeleteObjectCommand({ Bucket: "files", Key }));
      await queueEvent(VersionId);
    },
    settle: (options) => fleets.settleWith(teller(options)),
    async settleWith(handler) {
      await drain(world, (records) => invoke(handler, records), { environments: 1, batch: 10 });
    },
    async state(fleet = FLEET) {
      const state = parseFleetState(
        (await world.read("announcements-bucket", fleetStateKey(fleet))).toString(),
      );
      if (state === undefined) throw new Error("no state that can be read");
      return state;
    },
    async writeState(state) {
      const at = { Bucket: "announcements-bucket", Key: fleetStateKey(state.fleet) };
      await world.s3.send(new PutObjectCommand({ ...at, Body: JSON.stringify(state) }));
    },
    notice: (fleet = FLEET) => parseVariable(world.notehub.variables.get(fleet)?.[variableName(fleet)] ?? ""),
    async manifest(fleet = FLEET) {
      const notice = fleets.notice(fleet);
      if (notice === undefined) throw new Error("nothing is announced");
      const bytes = await manifestNamed(notice.sha256);
      expect(bytes.length).toBe(notice.size);
      const manifest = parseManifest(bytes);
      if (manifest === undefined) throw new Error("no manifest that can be read");
      expect(manifest.serial).toBe(notice.serial);
      if (notice.zstd !== undefined) {
        const frame = await world.read("packed", packedKey({ sha256: notice.sha256 }));
        expect(frame.length).toBe(notice.zstd);
        expect(zstdDecompressSync(frame).equals(bytes)).toBe(true);
      }
      if (notice.step !== undefined) await checkStep(notice, bytes);
      return manifest;
    },
    puts: () =>
      world.notehub.requests.filter(({ method, path }) => method === "PUT" && path.includes("/fleets/"))
        .length,
  };

  /** The step leads from its base to what is announced. [NF-11.7] */
  async function checkStep({ sha256, step }: ManifestNotice, text: Buffer): Promise<void> {
    const names = await world.keys("packed");
    const name = names.find((key) => key.startsWith(`step/${sha256}/${step?.base}`)) ?? "";
    const bytes = await world.read("packed", name);
    expect(bytes.length).toBe(step?.bytes);
    const parsed = parseStep(bytes);
    const base = await manifestNamed(name.split("/")[2] ?? "");
    expect(zstdDecompressSync(parsed?.manifest ?? Buffer.alloc(0), { dictionary: base }).equals(text)).toBe(
      true,
    );
  }

  return fleets;
}
