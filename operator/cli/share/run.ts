import { setTimeout as sleep } from "node:timers/promises";
import { isInShare, type Share, saltOf } from "../../../protocol/share.ts";
import type { Deployment } from "../../cloud/deployment.ts";
import { currentVersion } from "../../cloud/files/current-version.ts";
import { openFilesBucket } from "../../cloud/files/files-bucket.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { openFleets } from "../../cloud/fleets/open-fleets.ts";
import { requireShares } from "../../cloud/fleets/require-shares.ts";
import { shareOf } from "../../cloud/fleets/shares.ts";
import { createMembership } from "../../cloud/membership.ts";
import { openProject } from "../../cloud/notehub/open-project.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { openFileQueues } from "../../cloud/queues/file-queues.ts";
import { tellNotifier } from "../../cloud/queues/tell-notifier.ts";
import { tried } from "../../cloud/tried.ts";
import type { CliContext } from "../context.ts";
import { formatTable, printJson, say } from "../terminal/print.ts";
import type { ShareFlags } from "./flags.ts";

const LOOK_MS = 1_000;

export async function runShare(
  this: CliContext,
  flags: ShareFlags,
  key: string,
  percent?: number,
): Promise<void> {
  const { signal } = this;
  const deployment = await findDeployment(flags, this);
  const fleet = requireShares(deployment, key);
  using bucket = openFilesBucket(deployment);
  using fleets = openFleets(deployment, signal);
  const current = await currentVersion(bucket, key, signal);
  if (current === undefined) throw new OperatorError("not-found", `the bucket has no file ${key}`);
  const { versionId } = current;
  const look = async () => shareOf(await fleets.state(fleet), { fleet, key, versionId });
  const known = await look();
  if (percent === undefined && known === undefined) throw notYet(key);
  const asked = percent ?? known ?? 100;
  let isTakenUp = true;
  if (known === asked && percent !== undefined)
    say(this, `${key} is for ${asked} % of ${fleet} already: nothing to do`);
  else if (percent !== undefined) {
    using queues = openFileQueues(deployment);
    await tellNotifier(queues, { share: { bucket: bucket.bucket, key, versionId, percent } }, signal);
    isTakenUp = await wait(async () => (await look()) === percent, flags.wait, signal);
    if (!isTakenUp && flags.wait > 0) throw notTakenUp(key, flags.wait);
    if (known === 100)
      say(
        this,
        `it was for all: who has it keeps it, and the version before comes back by noteferry rollback ${key}`,
      );
    say(
      this,
      `${isTakenUp ? "taken up" : "asked for"}: noteferry status ${fleet} shows how far its devices are`,
    );
  }
  const devices = await countDevices(this, deployment, fleet, asked, versionId);
  if (flags.json) return printJson(this, { key, fleet, versionId, percent: asked, isTakenUp, devices });
  const many = devices === null ? "" : `${devices.in} of ${devices.of} devices`;
  const { stdout } = this.process;
  stdout.write(formatTable(stdout, ["KEY", "SHARE", "DEVICES"], [[key, `${asked} %`, many]]));
}

/** @returns false if it did not come about in time. */
async function wait(isSo: () => Promise<boolean>, seconds: number, signal: AbortSignal): Promise<boolean> {
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until) {
    await sleep(Math.min(LOOK_MS, Math.max(0, until - Date.now())), undefined, { signal });
    if (await isSo()) return true;
  }
  return false;
}

async function countDevices(
  context: CliContext,
  deployment: Deployment,
  fleet: string,
  percent: number,
  versionId: string,
): Promise<{ in: number; of: number } | null> {
  const { signal } = context;
  const membership = createMembership(deployment, () => openProject(deployment, signal), signal);
  const ask = () => membership.devicesOf(fleet);
  const { found, why } = await tried(ask, signal);
  if (found === undefined) {
    say(context, `how many devices that are is not known: ${why}`);
    return null;
  }
  const share: Share = [percent, saltOf(versionId)];
  return { in: found.filter((device) => isInShare(share, device)).length, of: found.length };
}

function notYet(key: string): OperatorError {
  const what = "try again in a moment; if it stays, noteferry doctor says what is wrong";
  return new OperatorError(
    "fault",
    `the notifier has not looked at the newest version of ${key} yet: ${what}`,
    {
      mayPass: true,
    },
  );
}

function notTakenUp(key: string, seconds: number): OperatorError {
  const what = "it is done as soon as it can be; noteferry doctor says what is wrong";
  const ask = `noteferry share ${key} what has become of it`;
  return new OperatorError("fault", `the notifier has not taken it up within ${seconds} s: ${what}, ${ask}`, {
    mayPass: true,
  });
}
