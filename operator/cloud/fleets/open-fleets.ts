import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, S3Client } from "@aws-sdk/client-s3";
import * as v from "valibot";
import {
  type FleetState,
  fleetStateKey,
  Hold,
  holdKey,
  parseFleetState,
} from "../../../protocol/fleet-state.ts";
import { type Manifest, manifestDigest, parseManifest } from "../../../protocol/manifest.ts";
import { packedKey } from "../../../protocol/packed.ts";
import { clientConfig } from "../client-config.ts";
import type { Deployment } from "../deployment.ts";
import { OperatorError } from "../operator-error.ts";

/** What the cloud knows of fleets, as the notifier has written it. */
export type Fleets = {
  /** False in a deployment that is older than manifests. */
  areTold: boolean;
  /** Undefined for a fleet that never had a file, and in a deployment that is older than manifests. */
  state(fleet: string): Promise<FleetState | undefined>;
  /** UIDs of those that have a state, in their order, at most so many after one of them. */
  uids(most: number, after?: string): Promise<string[]>;
  /** Undefined if it is not kept any more. */
  manifest(sha256: string): Promise<Manifest | undefined>;
  /** Who keeps a fleet from being announced to, if anybody does. */
  hold(fleet: string): Promise<Hold | undefined>;
};

/** Manifests that are kept in memory: a watch asks for the same ones again and again. */
const MOST_MANIFESTS = 32;

/** The states and the manifests of a deployment's fleets. Dispose of it to close its connections. */
export function openFleets(deployment: Deployment, signal: AbortSignal): Fleets & Disposable {
  const { outputs } = deployment;
  const client = new S3Client({ ...clientConfig(deployment.s3), forcePathStyle: deployment.local });
  const known = new Map<string, Manifest>();

  async function read(Bucket: string | undefined, Key: string): Promise<Uint8Array | undefined> {
    if (Bucket === undefined) return undefined;
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }), { abortSignal: signal });
      return await Body?.transformToByteArray();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }

  return {
    areTold: outputs.AnnouncementsBucketName !== undefined,
    async state(fleet) {
      const key = fleetStateKey(fleet);
      const bytes = await read(outputs.AnnouncementsBucketName, key);
      if (bytes === undefined) return undefined;
      const state = parseFleetState(Buffer.from(bytes).toString());
      if (state !== undefined) return state;
      throw new OperatorError(
        "fault",
        `${key} in the announcements bucket cannot be read: is it of a newer version?`,
      );
    },
    async uids(most, after) {
      const Bucket = outputs.AnnouncementsBucketName;
      if (Bucket === undefined) return [];
      const StartAfter = after === undefined ? undefined : fleetStateKey(after);
      const command = new ListObjectsV2Command({ Bucket, Prefix: "fleets/", MaxKeys: most, StartAfter });
      const { Contents = [] } = await client.send(command, { abortSignal: signal });
      return Contents.flatMap(({ Key = "" }) => /^fleets\/(.+)\.json$/.exec(Key)?.[1] ?? []);
    },
    async manifest(sha256) {
      const kept = known.get(sha256);
      if (kept !== undefined) return kept;
      const bytes = await read(outputs.PackedBucketName, packedKey({ sha256, manifest: true }));
      const manifest = bytes && manifestDigest(bytes) === sha256 ? parseManifest(bytes) : undefined;
      if (manifest === undefined) return undefined;
      if (known.size === MOST_MANIFESTS) known.clear();
      known.set(sha256, manifest);
      return manifest;
    },
    async hold(fleet) {
      const bytes = await read(outputs.AnnouncementsBucketName, holdKey(fleet));
      const parsed = v.safeParse(
        v.pipe(v.string(), v.parseJson(), Hold),
        bytes && Buffer.from(bytes).toString(),
      );
      return parsed.success ? parsed.output : undefined;
    },
    [Symbol.dispose]: () => client.destroy(),
  };
}

/** Asks for each state once, so that all that is shown at one time is of one state, and costs one request. */
export function inOneLook(fleets: Fleets): Fleets {
  const states = new Map<string, Promise<FleetState | undefined>>();
  return {
    ...fleets,
    state(fleet) {
      const asked = states.get(fleet) ?? fleets.state(fleet);
      states.set(fleet, asked);
      return asked;
    },
  };
}
