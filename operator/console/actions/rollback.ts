import * as v from "valibot";
import { chooseVersion, type KeptVersion } from "../../cloud/files/choose-version.ts";
import { copyVersion } from "../../cloud/files/copy-version.ts";
import { listVersions } from "../../cloud/files/list-versions.ts";
import { numberVersions } from "../../cloud/files/number-versions.ts";
import { packedBytes } from "../../cloud/files/packed-bytes.ts";
import { whoHasIt } from "../../cloud/files/who-has-it.ts";
import { isByManifest } from "../../cloud/fleets/fleet-facts.ts";
import { fleetOf } from "../../cloud/fleets/key-by-manifest.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { SILENT_MS } from "../../cloud/silence.ts";
import { tried } from "../../cloud/tried.ts";
import type { RollbackPlan } from "../api.ts";
import { type Exchange, readJson, required, sendJson } from "../http/exchange.ts";
import type { World } from "../world.ts";

const Request = v.object({ key: v.string(), versionId: v.string() });

type Needed = Pick<World, "bucket" | "deployment" | "deliveries" | "fleets" | "members">;

/** Says what a rollback would do, and changes nothing. */
export async function planRollback(world: Needed, exchange: Exchange): Promise<void> {
  const { bucket, deployment, deliveries, fleets } = world;
  const { signal } = exchange;
  const key = required(exchange, "key");
  const { chosen, versions } = await choose(world, key, required(exchange, "versionId"), signal);
  const [known, devices] = await Promise.all([
    whoHasIt(
      { bucket, deliveries, fleets, defaultTarget: deployment.outputs.DefaultTarget },
      key,
      versions,
      signal,
    ),
    devicesOf(world, key, signal),
  ]);
  const sha256 = known.contents.get(chosen.versionId);
  const plan: RollbackPlan = {
    ...{ key, versionId: chosen.versionId, n: chosen.n, at: Date.parse(chosen.at), bytes: chosen.bytes },
    packed: sha256 === undefined ? undefined : await packedBytes(bucket, deployment, sha256, signal),
    devices,
  };
  sendJson(exchange.response, plan);
}

/** Copies an older version over its key, within S3: it is announced as any upload is. */
export async function rollBack(world: Needed, exchange: Exchange): Promise<void> {
  const { key, versionId } = await readJson(exchange, Request);
  const { chosen } = await choose(world, key, versionId, exchange.signal);
  const { bytes } = chosen;
  const made = await copyVersion(world.bucket, { key, versionId: chosen.versionId, bytes }, exchange.signal);
  sendJson(exchange.response, { versionId: made });
}

/** How many devices will be told; undefined where Notehub does not say. */
async function devicesOf(
  { deployment, deliveries, fleets, members }: Needed,
  key: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const fleet = fleetOf(key, deployment.outputs.DefaultTarget);
  if (fleet !== undefined && isByManifest(await fleets.state(fleet)))
    return (await tried(() => members(fleet), signal)).found?.length;
  const { states } = await deliveries.count(key, Date.now() - SILENT_MS);
  return [...states.values()].reduce((sum, each) => sum + each, 0);
}

async function choose({ bucket }: Needed, key: string, versionId: string, signal: AbortSignal) {
  const versions = numberVersions(await listVersions(bucket, key, signal), Date.now());
  const chosen: KeptVersion | undefined = chooseVersion(key, versions, versionId);
  if (chosen === undefined) throw new OperatorError("usage", `${key} holds that content already`);
  return { chosen, versions };
}
