import type { Announcement } from "../../protocol/announcement.ts";
import { parseTarget } from "../../protocol/target.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Deployment } from "./deployment.ts";
import { currentVersion } from "./files/current-version.ts";
import type { FilesBucket } from "./files/files-bucket.ts";
import { packedBytes } from "./files/packed-bytes.ts";
import { deviceByManifests } from "./fleets/device-by-manifests.ts";
import type { FileByManifest } from "./fleets/file-by-manifest.ts";
import type { Fleets } from "./fleets/open-fleets.ts";
import { announceTo, askAgain } from "./notehub/announce-again.ts";
import type { NotehubApi } from "./notehub/notehub-api.ts";
import { OperatorError } from "./operator-error.ts";
import { tried } from "./tried.ts";

export type Retrying = {
  deployment: Deployment;
  deliveries: Pick<Deliveries, "device">;
  fleets: Fleets;
  bucket: FilesBucket;
  project(): Promise<NotehubApi>;
};

/**
 * Announces the version that a device was told of last once more: it is tried from the start, also if the device had taken it back.
 *
 * @param path on the device, or the key
 * @returns what it was told. @throws {OperatorError} `usage` for a thing, which hears no Notes [NF-2.7], and for who is many; `not-found` if it never was told, or the key holds another version now.
 */
export async function retryDelivery(
  { deployment, deliveries, fleets, bucket, project }: Retrying,
  device: string,
  path: string,
  signal: AbortSignal,
): Promise<Announcement> {
  const kind = parseTarget(device)?.kind;
  if (kind === "fleet" || kind === "thing-group")
    throw new OperatorError(
      "usage",
      `${device} is many devices: one of them is asked to try a version again`,
    );
  const files = await filesOf(deliveries, fleets, device, signal);
  const told = files.find(({ delivery }) => delivery.path === path || delivery.announced?.key === path);
  const announced = told?.delivery.announced;
  if (told?.share === "out")
    throw new OperatorError(
      "usage",
      `${device} is outside the share of ${announced?.key}: it takes the version before by itself`,
    );
  if (announced === undefined) {
    throw new OperatorError(
      "not-found",
      `${device} was never told of ${path}: noteferry status ${device} shows what it was told of`,
    );
  }
  if (kind === "thing")
    throw new OperatorError(
      "usage",
      `no job asks a thing to try a version again: on ${device} run noteferry-agent retry ${told?.delivery.path ?? path}; another content is tried by itself`,
    );
  const { key: name, size, sha256, seq } = announced;
  const current = await currentVersion(bucket, name, signal);
  const { etag } = current ?? {};
  // The same bytes uploaded again are another version, and as good.
  const isIt = etag === announced.etag || current?.versionId === announced.versionId;
  if (etag === undefined || !isIt) {
    throw new OperatorError(
      "not-found",
      `the bucket has no ${name} any more, or another version than ${device} was told of: noteferry history ${name}`,
    );
  }
  const z = await packedBytes(bucket, deployment, sha256, signal);
  const announcement = askAgain({ name, size, sha256, etag, seq, z }, Date.now() / 1000);
  await announceTo(await project(), device, announcement);
  return announcement;
}

/** What a device was told of, by Notes or by the manifests of its fleets. */
async function filesOf(
  deliveries: Pick<Deliveries, "device">,
  fleets: Fleets,
  device: string,
  signal: AbortSignal,
): Promise<FileByManifest[]> {
  const known = await deliveries.device(device);
  if (known === undefined) return [];
  const { found = new Map<string, FileByManifest>() } = await tried(
    () => deviceByManifests(fleets, known),
    signal,
  );
  const others = known.files.filter((file) => !found.has(file.path));
  return [...found.values(), ...others.map((delivery) => ({ delivery }))];
}
