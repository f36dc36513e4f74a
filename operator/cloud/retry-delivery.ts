import type { Announcement } from "../../protocol/announcement.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Deployment } from "./deployment.ts";
import { currentEtag } from "./files/current-etag.ts";
import type { FilesBucket } from "./files/files-bucket.ts";
import { packedBytes } from "./files/packed-bytes.ts";
import { announceTo, askAgain } from "./notehub/announce-again.ts";
import type { NotehubApi } from "./notehub/notehub-api.ts";
import { OperatorError } from "./operator-error.ts";

export type Retrying = {
  deployment: Deployment;
  deliveries: Pick<Deliveries, "device">;
  bucket: FilesBucket;
  project(): Promise<NotehubApi>;
};

/**
 * Announces the version that a device was told of last once more: it is tried from the start, also if the device had taken it back.
 *
 * @param path on the device, or the key
 * @returns what it was told. @throws {OperatorError} `not-found` if it never was told, or the key holds another version now.
 */
export async function retryDelivery(
  { deployment, deliveries, bucket, project }: Retrying,
  device: string,
  path: string,
  signal: AbortSignal,
): Promise<Announcement> {
  const files = (await deliveries.device(device))?.files ?? [];
  const announced = files.find((file) => file.path === path || file.announced?.key === path)?.announced;
  if (announced === undefined) {
    throw new OperatorError(
      "not-found",
      `${device} was never told of ${path}: noteferry status ${device} shows what it was told of`,
    );
  }
  const { key: name, size, sha256, etag, seq } = announced;
  if ((await currentEtag(bucket, name, signal)) !== etag) {
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
