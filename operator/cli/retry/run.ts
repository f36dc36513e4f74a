import { currentVersion } from "../../cloud/files/current-version.ts";
import { openFilesBucket } from "../../cloud/files/files-bucket.ts";
import { packedBytes } from "../../cloud/files/packed-bytes.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { announceTo, askAgain } from "../../cloud/notehub/announce-again.ts";
import { openProject } from "../../cloud/notehub/open-project.ts";
import { openDeliveries } from "../../cloud/open-deliveries.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import type { CliContext } from "../context.ts";
import { printJson, say } from "../terminal/print.ts";
import type { WithJson } from "../where.ts";

export async function runRetry(
  this: CliContext,
  flags: WithJson,
  device: string,
  path: string,
): Promise<void> {
  const deployment = await findDeployment(flags, this);
  using deliveries = openDeliveries(deployment, this.signal);
  const files = (await deliveries.device(device))?.files ?? [];
  const announced = files.find((file) => file.path === path || file.announced?.key === path)?.announced;
  if (announced === undefined) {
    throw new OperatorError(
      "not-found",
      `${device} was never told of ${path}: noteferry status ${device} shows what it was told of`,
    );
  }
  const { key: name, size, sha256, etag, seq } = announced;
  using bucket = openFilesBucket(deployment);
  if ((await currentVersion(bucket, name, this.signal))?.etag !== etag) {
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
