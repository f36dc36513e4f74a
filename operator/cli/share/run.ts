import { setTimeout as sleep } from "node:timers/promises";
import type { FleetState } from "../../../protocol/fleet-state.ts";
import { isInShare, type Share, saltOf } from "../../../protocol/share.ts";
import type { Deployment } from "../../cloud/deployment.ts";
import { currentVersion } from "../../cloud/files/current-version.ts";
import { openFilesBucket } from "../../cloud/files/files-bucket.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { holdFleet } from "../../cloud/fleets/hold-fleet.ts";
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
  const isFolder = key.endsWith("/");
  const fleet = requireShares(deployment, isFolder ? `${key}a` : key);
  using fleets = openFleets(deployment, signal);
  const stateOf = () => fleets.state(fleet);
  const named = isFolder ? below(await stateOf(), key) : [await newestOf(deployment, key, signal)];
  const look = async () => {
    const state = await stateOf();
    return named.map((each) => shareOf(state, { fleet, ...each }));
  };
  const known = await look();
  if (percent === undefined && !isFolder && known[0] === undefined) throw notYet(key);
  const differing = percent === undefined ? [] : named.filter((_, at) => known[at] !== percent);
  let isTakenUp = true;
  if (percent !== undefined && differing.length === 0)
    say(this, `${key} is for ${percent} % of ${fleet} already: nothing to do`);
  else if (percent !== undefined) {
    isTakenUp = await give(this, deployment, { fleet, percent, files: differing }, async () =>
      flags.wait === 0
        ? false
        : await wait(async () => (await look()).every((is) => is === percent), flags.wait, signal),
    );
    if (!isTakenUp && flags.wait > 0) throw notTakenUp(key, flags.wait);
    if (known.includes(100))
      say(
        this,
        `it was for all: who has it keeps it, and the version before comes back by noteferry rollback ${isFolder ? "<key>" : key}`,
      );
    say(
      this,
      `${isTakenUp ? "taken up" : "asked for"}: noteferry status ${fleet} shows how far its devices are`,
    );
  }
  const { files = {} } = (await stateOf()) ?? {};
  const count = await countersOf(this, deployment, fleet);
  const rows = named.map(({ key: its, versionId }, at) => {
    const asked = percent ?? known[at] ?? 100;
    const { version, release } = files[its] ?? {};
    return {
      key: its,
      versionId,
      percent: asked,
      devices: count([asked, saltOf(versionId, version === versionId ? release : undefined)]),
    };
  });
  if (flags.json) {
    const [first] = rows;
    return printJson(this, isFolder ? { fleet, isTakenUp, files: rows } : { fleet, isTakenUp, ...first });
  }
  const cells = rows.map(({ key: its, percent: asked, devices }) => [
    ...[its, `${asked} %`, devices === null ? "" : `${devices.in} of ${devices.of} devices`],
  ]);
  const { stdout } = this.process;
  stdout.write(formatTable(stdout, ["KEY", "SHARE", "DEVICES"], cells));
}

/** One version that a share is asked about. */
type Shared = { key: string; versionId: string };

/** What the fleet is told below a folder. @throws {OperatorError} `not-found` where that is nothing */
function below(state: FleetState | undefined, folder: string): Shared[] {
  const found = Object.entries(state?.files ?? {})
    .filter(([key]) => key.startsWith(folder))
    .map(([key, { version }]) => ({ key, versionId: version }));
  if (found.length === 0)
    throw new OperatorError("not-found", `the fleet was told of nothing below ${folder}`);
  return found.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

async function newestOf(deployment: Deployment, key: string, signal: AbortSignal): Promise<Shared> {
  using bucket = openFilesBucket(deployment);
  const current = await currentVersion(bucket, key, signal);
  if (current === undefined) throw new OperatorError("not-found", `the bucket has no file ${key}`);
  return { key, versionId: current.versionId };
}

/** Asks the notifier for all of them, of several under a hold: they reach the fleet as one manifest. @returns what `until` says in the end */
async function give(
  { signal }: CliContext,
  deployment: Deployment,
  { fleet, percent, files }: { fleet: string; percent: number; files: readonly Shared[] },
  until: () => Promise<boolean>,
): Promise<boolean> {
  using queues = openFileQueues(deployment);
  using bucket = openFilesBucket(deployment);
  await using _held =
    files.length > 1 ? await holdFleet(deployment, fleet, "noteferry share", signal) : undefined;
  for (const { key, versionId } of files)
    await tellNotifier(queues, { share: { bucket: bucket.bucket, key, versionId, percent } }, signal);
  return await until();
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

/** @returns how many devices of the fleet a share means; null where that is not known, which is said once. */
async function countersOf(
  context: CliContext,
  deployment: Deployment,
  fleet: string,
): Promise<(share: Share) => { in: number; of: number } | null> {
  const { signal } = context;
  const membership = createMembership(deployment, () => openProject(deployment, signal), signal);
  const ask = () => membership.devicesOf(fleet);
  const { found, why } = await tried(ask, signal);
  if (found === undefined) say(context, `how many devices that are is not known: ${why}`);
  return (share) =>
    found === undefined
      ? null
      : { in: found.filter((device) => isInShare(share, device)).length, of: found.length };
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
