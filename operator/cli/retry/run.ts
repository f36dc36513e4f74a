import { openFilesBucket } from "../../cloud/files/files-bucket.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { openFleets } from "../../cloud/fleets/open-fleets.ts";
import { openProject } from "../../cloud/notehub/open-project.ts";
import { openDeliveries } from "../../cloud/open-deliveries.ts";
import { retryDelivery } from "../../cloud/retry-delivery.ts";
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
  using fleets = openFleets(deployment, this.signal);
  using bucket = openFilesBucket(deployment);
  const project = () => openProject(deployment, this.signal);
  const retrying = { deployment, deliveries, fleets, bucket, project };
  const announcement = await retryDelivery(retrying, device, path, this.signal);
  say(
    this,
    `${device} is asked for ${announcement.name} once more: noteferry status ${device} --watch shows what comes of it`,
  );
  if (flags.json) printJson(this, { device, announcement });
}
