import { isDeviceUid } from "../../../protocol/target.ts";
import type { Deployment } from "../../cloud/deployment.ts";
import { openFilesBucket } from "../../cloud/files/files-bucket.ts";
import { listFolder, listPastFolder } from "../../cloud/files/list-folder.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { openFleets } from "../../cloud/fleets/open-fleets.ts";
import { projectFleets } from "../../cloud/notehub/fleet-devices.ts";
import { openProject } from "../../cloud/notehub/open-project.ts";
import { openDeliveries } from "../../cloud/open-deliveries.ts";
import { take } from "../../cloud/take.ts";
import type { CliContext } from "../context.ts";
import { printable } from "../terminal/printable.ts";

/** More are no help to anybody. */
const MOST = 200;
/** A person waits, and presses the key again. */
const WAIT_MS = 3_000;

type Find = (deployment: Deployment, signal: AbortSignal) => Promise<string[]>;

export function lookUpKeys(context: CliContext, prefix: string): Promise<string[]> {
  return lookUp(context, async (deployment, signal) => {
    using bucket = openFilesBucket(deployment);
    return await listFolder(bucket, prefix, MOST, signal);
  });
}

export function lookUpPastKeys(context: CliContext, prefix: string): Promise<string[]> {
  return lookUp(context, async (deployment, signal) => {
    using bucket = openFilesBucket(deployment);
    const lists = [listFolder(bucket, prefix, MOST, signal), listPastFolder(bucket, prefix, signal)];
    return [...new Set(await whatever(lists))].sort();
  });
}

export function lookUpDevices(context: CliContext, prefix: string): Promise<string[]> {
  return lookUp(context, (deployment, signal) => devices(deployment, prefix, signal));
}

export function lookUpTargets(context: CliContext, prefix: string): Promise<string[]> {
  return lookUp(context, (deployment, signal) =>
    whatever([
      ...(mayBecome(prefix, "dev:") || mayBecome(prefix, "thing:")
        ? [devices(deployment, prefix, signal)]
        : []),
      ...(mayBecome(prefix, "fleet:") ? [fleets(deployment, signal)] : []),
      ...(mayBecome(prefix, "thing-group:") ? [groups(deployment, signal)] : []),
    ]),
  );
}

export function lookUpPaths(context: CliContext, prefix: string): Promise<string[]> {
  const device = context.completing?.words.find(isDeviceUid);
  if (device === undefined) return Promise.resolve([]);
  return lookUp(context, async (deployment, signal) => {
    using deliveries = openDeliveries(deployment, signal);
    const files = (await deliveries.device(device))?.files ?? [];
    return files.map(({ path }) => path).filter((path) => path.startsWith(prefix));
  });
}

/** Bounded in number and time, and silent about any failure: a prompt is no place for one. */
async function lookUp(context: CliContext, find: Find): Promise<string[]> {
  const { completing } = context;
  if (completing === undefined) return [];
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(WAIT_MS)]);
  const { promise: late, resolve } = Promise.withResolvers<string[]>();
  signal.addEventListener("abort", () => resolve([])); // what looks for credentials does not hear of the signal
  const looked = findDeployment(completing.where, { ...context, signal }).then((deployment) =>
    find(deployment, signal),
  );
  const found = await Promise.race([looked.catch(() => []), late]);
  return found.filter((each) => each === printable(each)).slice(0, MOST);
}

async function devices(deployment: Deployment, prefix: string, signal: AbortSignal): Promise<string[]> {
  using deliveries = openDeliveries(deployment, signal);
  return await take(deliveries.devices(prefix, MOST), MOST);
}

async function fleets(deployment: Deployment, signal: AbortSignal): Promise<string[]> {
  return await projectFleets(await openProject(deployment, signal));
}

/** Groups that were put to: AWS IoT is not asked. */
async function groups(deployment: Deployment, signal: AbortSignal): Promise<string[]> {
  using known = openFleets(deployment, signal);
  return (await known.uids(MOST)).filter((uid) => uid.startsWith("thing-group:"));
}

function mayBecome(prefix: string, kind: string): boolean {
  return prefix.startsWith(kind) || kind.startsWith(prefix);
}

/** All that could be found. */
async function whatever(lists: readonly Promise<string[]>[]): Promise<string[]> {
  const settled = await Promise.allSettled(lists);
  return settled.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
}
