import { deleteFile, holdsFile } from "../../cloud/files/delete-file.ts";
import { openFilesBucket } from "../../cloud/files/files-bucket.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { fleetOf } from "../../cloud/fleets/key-by-manifest.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import type { CliContext } from "../context.ts";
import { confirm } from "../terminal/confirm.ts";
import { printJson, say } from "../terminal/print.ts";
import { printable } from "../terminal/printable.ts";
import type { RmFlags } from "./flags.ts";

export async function runRm(this: CliContext, flags: RmFlags, ...named: string[]): Promise<void> {
  const keys = [...new Set(named)];
  const deployment = await findDeployment(flags, this);
  using bucket = openFilesBucket(deployment);
  for (const key of keys) {
    if (await holdsFile(bucket, key, this.signal)) continue;
    throw new OperatorError("not-found", `the bucket has no file ${key}: nothing was deleted`);
  }
  const what =
    keys.length === 1 ? printable(keys[0] ?? "") : `${keys.length} files (${keys.map(printable).join(", ")})`;
  if (!flags.yes) await confirm(this, `Delete ${what} from ${bucket.bucket}?`);
  const deleted: string[] = [];
  for (const key of keys) {
    await deleteFile(bucket, key, this.signal);
    deleted.push(key);
    if (!flags.json) this.process.stdout.write(`${printable(key)}\n`);
  }
  if (flags.json) printJson(this, { deleted });
  const isOfFleet = keys.some((key) => fleetOf(key, deployment.outputs.DefaultTarget) !== undefined);
  const unless = isOfFleet ? ", those of a fleet unless the deployment has the setting prune" : "";
  say(this, `deleted; the devices keep what they have${unless}, and noteferry rollback brings a file back`);
}
