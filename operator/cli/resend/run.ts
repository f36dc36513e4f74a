import type { Announced } from "../../../protocol/announced.ts";
import { KeyRefused } from "../../../protocol/key-refused.ts";
import { addressKey, isFolderMarker, parseTarget } from "../../../protocol/target.ts";
import { digestFile } from "../../cloud/files/digest-file.ts";
import { openFilesBucket } from "../../cloud/files/files-bucket.ts";
import { type ListedFile, listFiles } from "../../cloud/files/list-files.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { announceTo, askAgain } from "../../cloud/notehub/announce-again.ts";
import { fleetsOf } from "../../cloud/notehub/fleet-devices.ts";
import { openProject } from "../../cloud/notehub/open-project.ts";
import { openDeliveries } from "../../cloud/open-deliveries.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import type { CliContext } from "../context.ts";
import { printJson, say } from "../terminal/print.ts";
import type { ResendFlags } from "./flags.ts";

export async function runResend(this: CliContext, flags: ResendFlags, device: string): Promise<void> {
  if (parseTarget(device)?.kind !== "device")
    throw new OperatorError("usage", `${device} is no device (dev:…)`);
  const deployment = await findDeployment(flags, this);
  using deliveries = openDeliveries(deployment);
  using bucket = openFilesBucket(deployment);
  const api = await openProject(deployment, this.signal);
  const groups = new Set([device, ...(await fleetsOf(api, device))]);
  const known = new Map(
    (await deliveries.device(device))?.files.map(({ announced }) => [announced?.key, announced]),
  );
  const keys: string[] = [];
  for await (const page of listFiles(bucket, "", this.signal)) {
    for (const file of page.filter(({ key }) => goesTo(key, groups, deployment.outputs.DefaultTarget))) {
      keys.push(file.key);
      if (flags.dryRun) continue;
      const sha256 = sha256Of(file, known.get(file.key)) ?? (await digestFile(bucket, file, this.signal));
      const { key: name, bytes: size, etag } = file;
      const seq = sha256Of(file, known.get(name)) === undefined ? undefined : known.get(name)?.seq;
      await announceTo(api, device, askAgain({ name, size, sha256, etag, seq }, Date.now() / 1000));
      say(this, `${name}: announced`);
    }
  }
  const files = keys.length === 1 ? "1 file" : `${keys.length} files`;
  say(this, `${files} ${flags.dryRun ? "would be announced" : "announced"} to ${device}`);
  if (flags.json) printJson(this, { device, keys });
}

/** @param groups UIDs of the device and of its fleets */
function goesTo(key: string, groups: ReadonlySet<string>, defaultTarget: string | undefined): boolean {
  if (isFolderMarker(key)) return false;
  try {
    const { target } = addressKey(key, defaultTarget === undefined ? undefined : parseTarget(defaultTarget));
    return target !== undefined && groups.has(target.kind === "device" ? target.deviceUid : target.fleetUid);
  } catch (error) {
    if (error instanceof KeyRefused) return false;
    throw error;
  }
}

/** What the notifier found out about this very version. */
function sha256Of({ etag }: ListedFile, announced: Announced | undefined): string | undefined {
  return announced?.etag === etag ? announced.sha256 : undefined;
}
