import { randomBytes } from "node:crypto";
import path from "node:path";
import { formatRelease } from "../../../protocol/share.ts";
import { isThingKey } from "../../../protocol/target.ts";
import { type Deployment, outputOf } from "../../cloud/deployment.ts";
import { openFilesBucket } from "../../cloud/files/files-bucket.ts";
import { uploadFile } from "../../cloud/files/upload-file.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { holdFleet } from "../../cloud/fleets/hold-fleet.ts";
import { fleetOf } from "../../cloud/fleets/key-by-manifest.ts";
import { requireShares } from "../../cloud/fleets/require-shares.ts";
import { requireThings } from "../../cloud/iot/require-things.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { recipientOf } from "../../cloud/recipient.ts";
import { tried } from "../../cloud/tried.ts";
import { formatBytes } from "../../words/format-bytes.ts";
import type { CliContext } from "../context.ts";
import { printJson, say } from "../terminal/print.ts";
import { printable } from "../terminal/printable.ts";
import { findFiles } from "./find-files.ts";
import type { PutFlags } from "./flags.ts";
import { type PlannedFile, planUpload, type UploadPlan } from "./plan-upload.ts";
import { createProgress } from "./progress.ts";
import { uploadAll } from "./upload-all.ts";

export async function runPut(this: CliContext, flags: PutFlags, named: string): Promise<void> {
  const source = path.resolve(this.cwd, named);
  const found = await findFiles(source);
  for (const { path: left, why } of found.left) say(this, `left out: ${left}, ${why}`);
  const plan = planUpload(found, { source, to: flags.to, as: flags.as });
  requireUploadable(plan, named);
  const deployment = await findDeployment(flags, this);
  warnOfNobody(this, plan, deployment.outputs.DefaultTarget);
  if (plan.uploads.some(({ key }) => isThingKey(key))) requireThings(deployment);
  if (flags.share !== undefined) for (const { key } of plan.uploads) requireShares(deployment, key);
  using bucket = openFilesBucket(deployment);
  if (flags.dryRun) {
    for (const { key, bytes } of plan.uploads) say(this, `would upload ${key} (${formatBytes(bytes)})`);
    if (flags.json) printJson(this, { put: [], left: found.left });
    return;
  }
  const totalBytes = plan.uploads.reduce((sum, { bytes }) => sum + bytes, 0);
  const progress = createProgress(this, totalBytes, () => performance.now());
  const onPut = (key: string) => {
    progress.clear();
    if (flags.json !== true) this.process.stdout.write(`${printable(key)}\n`);
  };
  const share = flags.share === 100 ? undefined : flags.share;
  const release = plan.uploads.length > 1 ? formatRelease(randomBytes(16)) : undefined;
  const upload = (file: PlannedFile) =>
    uploadFile(bucket, { ...file, share, release }, this.signal, progress.add);
  await using _held = await hold(this, deployment, plan);
  const outcome = await uploadAll(plan.uploads, upload, onPut, this.signal).finally(progress.clear);
  if (flags.json) printJson(this, { ...outcome, left: found.left });
  say(
    this,
    `uploaded ${outcome.put.length} of ${count(plan.uploads.length, "file")}, ${formatBytes(sumOf(outcome.put))}`,
  );
  if (outcome.failed.length === 0) return;
  const lines = outcome.failed.map(({ key, why }) => `${key}: ${why}`);
  throw new OperatorError("fault", `${count(lines.length, "file")} failed:`, { lines });
}

/** What belongs together is announced together; a hold that cannot be had is no reason to upload nothing. */
async function hold(
  context: CliContext,
  deployment: Deployment,
  { uploads }: UploadPlan,
): Promise<AsyncDisposable | undefined> {
  const [first] = uploads;
  const fleet = first && fleetOf(first.key, deployment.outputs.DefaultTarget);
  if (fleet === undefined || uploads.length < 2) return undefined;
  const { signal } = context;
  const { USER = "" } = context.env;
  const by = USER === "" ? "noteferry put" : `noteferry put of ${USER}`;
  const ask = async () => {
    outputOf(deployment, "AnnouncementsBucketName");
    return await holdFleet(deployment, fleet, by, signal);
  };
  const { found, why } = await tried(ask, signal);
  if (why !== undefined)
    say(context, `warning: its files may be announced one by one, since the fleet cannot be held: ${why}`);
  return found;
}

/** Nothing is sent if a part of it could never arrive: half a release is worse than none. */
function requireUploadable({ uploads, refused }: UploadPlan, named: string): void {
  if (uploads.length === 0) throw new OperatorError("usage", `${named} has no files to upload`);
  if (refused.length === 0) return;
  const lines = refused.map(({ key, why }) => `${key}: ${why}`);
  throw new OperatorError("usage", "nothing was uploaded, since no device could get", { lines });
}

function warnOfNobody(context: CliContext, { uploads }: UploadPlan, defaultTarget: string | undefined): void {
  const [first] = uploads;
  if (first === undefined || recipientOf(first.key, defaultTarget).target !== undefined) return;
  say(
    context,
    "warning: nobody gets it, since the deployment has no default target: say --to dev:…, fleet:…, thing:… or thing-group:…",
  );
}

function sumOf(files: readonly { bytes: number }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

function count(n: number, noun: string): string {
  return n === 1 ? `1 ${noun}` : `${n} ${noun}s`;
}
