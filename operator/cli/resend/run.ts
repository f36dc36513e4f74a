import type { Announced } from "../../../protocol/announced.ts";
import { parseTarget } from "../../../protocol/target.ts";
import { explainFailure } from "../../cloud/explain-failure.ts";
import { digestFile } from "../../cloud/files/digest-file.ts";
import { openFilesBucket } from "../../cloud/files/files-bucket.ts";
import { type ListedFile, listFiles } from "../../cloud/files/list-files.ts";
import { packedBytes } from "../../cloud/files/packed-bytes.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { openFleets } from "../../cloud/fleets/open-fleets.ts";
import { announceTo, askAgain } from "../../cloud/notehub/announce-again.ts";
import { fleetsOf } from "../../cloud/notehub/fleet-devices.ts";
import { openProject } from "../../cloud/notehub/open-project.ts";
import { openDeliveries } from "../../cloud/open-deliveries.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { recipientOf } from "../../cloud/recipient.ts";
import type { CliContext } from "../context.ts";
import { printJson, say } from "../terminal/print.ts";
import type { ResendFlags } from "./flags.ts";
import { resendToThings } from "./resend-to-things.ts";

export async function runResend(this: CliContext, flags: ResendFlags, device: string): Promise<void> {
  const kind = parseTarget(device)?.kind;
  if (kind === undefined || kind === "fleet")
    throw new OperatorError(
      "usage",
      `${device} is no device (dev:…, thing:…) or group of things (thing-group:…)`,
    );
  const { signal } = this;
  const deployment = await findDeployment(flags, this);
  if (kind !== "device") return await resendToThings(this, deployment, device, flags);
  using deliveries = openDeliveries(deployment, signal);
  using bucket = openFilesBucket(deployment);
  const api = await openProject(deployment, signal);
  using fleets = openFleets(deployment, signal);
  const groups = new Set([device]);
  /** Files that come to the device by the manifests of its fleets. */
  const byManifest = new Map<string, number>();
  for (const fleet of await fleetsOf(api, device)) {
    const isTold = (await fleets.state(fleet))?.announced !== undefined;
    if (isTold && deployment.outputs.FleetAnnouncements !== "both") byManifest.set(fleet, 0);
    else groups.add(fleet);
  }
  const known = new Map(
    (await deliveries.device(device))?.files.map(({ announced }) => [announced?.key, announced]),
  );
  const keys: string[] = [];
  const failed: string[] = [];
  for await (const page of listFiles(bucket, "", signal)) {
    for (const file of page) {
      const { target } = recipientOf(file.key, deployment.outputs.DefaultTarget);
      if (target === undefined) continue;
      const come = byManifest.get(target);
      if (come !== undefined) byManifest.set(target, come + 1);
      if (!groups.has(target)) continue;
      if (!flags.dryRun) {
        const why = await failureOf(() => announce(file), signal);
        say(this, `${file.key}: ${why ?? "announced"}`);
        if (why !== undefined) {
          failed.push(file.key);
          continue;
        }
      }
      keys.push(file.key);
    }
  }
  const files = keys.length === 1 ? "1 file" : `${keys.length} files`;
  say(this, `${files} ${flags.dryRun ? "would be announced" : "announced"} to ${device}`);
  for (const [fleet, many] of byManifest)
    say(
      this,
      `${many} more come by the manifest of ${fleet}, which its agent takes by itself, if it is new enough`,
    );
  if (flags.json) printJson(this, { device, keys, failed, byManifest: Object.fromEntries(byManifest) });
  if (failed.length > 0) {
    const again = "run it again, what a device has costs it nothing";
    throw new OperatorError("fault", `${failed.length} of its files could not be announced: ${again}`);
  }

  async function announce(file: ListedFile): Promise<void> {
    const { key: name, bytes: size, etag } = file;
    const announced = known.get(name);
    const told = sha256Of(file, announced);
    const sha256 = told ?? (await digestFile(bucket, file, signal));
    const seq = told === undefined ? undefined : announced?.seq;
    const z = await packedBytes(bucket, deployment, sha256, signal);
    await announceTo(api, device, askAgain({ name, size, sha256, etag, seq, z }, Date.now() / 1000));
  }
}

/** Why one file could not be announced, which does not keep the others. @throws what would keep them too. */
async function failureOf(announcing: () => Promise<void>, signal: AbortSignal): Promise<string | undefined> {
  try {
    await announcing();
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const known = explainFailure(error);
    if (known === undefined || known.code === "auth") throw error;
    return known.message;
  }
}

/** What the notifier found out about this very version. */
function sha256Of({ etag }: ListedFile, announced: Announced | undefined): string | undefined {
  return announced?.etag === etag ? announced.sha256 : undefined;
}
