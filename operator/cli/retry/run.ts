import { currentVersion } from "../../cloud/files/current-version.ts";
import { openFilesBucket } from "../../cloud/files/files-bucket.ts";
import { packedBytes } from "../../cloud/files/packed-bytes.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { deviceByManifests } from "../../cloud/fleets/device-by-manifests.ts";
import type { FileByManifest } from "../../cloud/fleets/file-by-manifest.ts";
import { type Fleets, openFleets } from "../../cloud/fleets/open-fleets.ts";
import { announceTo, askAgain } from "../../cloud/notehub/announce-again.ts";
import { openProject } from "../../cloud/notehub/open-project.ts";
import { type DeliveryQuestions, openDeliveries } from "../../cloud/open-deliveries.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import type { CliContext } from "../context.ts";
import { printJson, say } from "../terminal/print.ts";
import { tried } from "../tried.ts";
import type { WithJson } from "../where.ts";

export async function runRetry(
  this: CliContext,
  flags: WithJson,
  device: string,
  path: string,
): Promise<void> {
  const deployment = await findDeployment(flags, this);
  using deliveries = openDeliveries(deployment, this.signal);
  using fleets = openFleets(deployment, this.signal);
  const files = await filesOf(deliveries, fleets, device, this.signal);
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
  const { key: name, size, sha256, seq } = announced;
  using bucket = openFilesBucket(deployment);
  const current = await currentVersion(bucket, name, this.signal);
  const { etag } = current ?? {};
  // The same bytes uploaded again are another version, and as good.
  const isIt = etag === announced.etag || current?.versionId === announced.versionId;
  if (etag === undefined || !isIt) {
    throw new OperatorError(
      "not-found",
      `the bucket has no ${name} any more, or another version than ${device} was told of: noteferry history ${name}`,
    );
  }
  const z = await packedBytes(bucket, deployment, sha256, this.signal);
  const announcement = askAgain({ name, size, sha256, etag, seq, z }, Date.now() / 1000);
  await announceTo(await openProject(deployment, this.signal), device, announcement);
  say(
    this,
    `${device} is asked for ${name} once more: noteferry status ${device} --watch shows what comes of it`,
  );
  if (flags.json) printJson(this, { device, announcement });
}

/** What a device was told of, by Notes or by the manifests of its fleets. */
async function filesOf(
  deliveries: DeliveryQuestions,
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
