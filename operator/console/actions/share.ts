import * as v from "valibot";
import { countInShares, isInShare, saltOf } from "../../../protocol/share.ts";
import { currentVersion } from "../../cloud/files/current-version.ts";
import { listVersions } from "../../cloud/files/list-versions.ts";
import { numberVersions } from "../../cloud/files/number-versions.ts";
import { packedBytes } from "../../cloud/files/packed-bytes.ts";
import { requireShares } from "../../cloud/fleets/require-shares.ts";
import { shareOf } from "../../cloud/fleets/shares.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { tellNotifier } from "../../cloud/queues/tell-notifier.ts";
import { tried } from "../../cloud/tried.ts";
import type { SharePlan } from "../api.ts";
import { type Exchange, readJson, required, sendJson } from "../http/exchange.ts";
import type { World } from "../world.ts";

const Request = v.object({
  key: v.string(),
  versionId: v.string(),
  percent: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
});

/** Says what each share of a file's newest version would mean, and changes nothing. */
export async function planShare(
  world: Pick<World, "bucket" | "deployment" | "fleets" | "members" | "signal">,
  exchange: Exchange,
): Promise<void> {
  const { bucket, deployment, fleets, members } = world;
  const { signal } = exchange;
  const key = required(exchange, "key");
  const fleet = requireShares(deployment, key);
  const versions = numberVersions(await listVersions(bucket, key, signal), Date.now());
  const current = versions.find((each) => each.current);
  if (current === undefined || current.deleted)
    throw new OperatorError("not-found", `the bucket has no file ${key}`);
  const { versionId, n, bytes } = current;
  const state = await fleets.state(fleet);
  const percent = shareOf(state, { fleet, key, versionId });
  const file = state?.files[key];
  if (percent === undefined || file === undefined)
    throw new OperatorError("fault", `the notifier has not looked at the newest version of ${key} yet`, {
      mayPass: true,
    });
  const { found, why } = await tried(() => members(fleet), signal);
  const salt = saltOf(versionId, file.release);
  const plan: SharePlan = {
    ...{ key, fleet, versionId, n, bytes, percent, why },
    packed: await packedBytes(bucket, deployment, file.sha256, signal),
    devices: found && {
      in: found.filter((device) => isInShare([percent, salt], device)).length,
      at: countInShares(salt, found),
    },
    hasBefore: file.previous !== undefined,
  };
  sendJson(exchange.response, plan);
}

/** Asks the notifier to give a version to a part of its fleet; what the page shows of the file says when that has come about. */
export async function giveShare(
  { bucket, deployment, queues }: Pick<World, "bucket" | "deployment" | "queues">,
  exchange: Exchange,
): Promise<void> {
  const { signal } = exchange;
  const { key, versionId, percent } = await readJson(exchange, Request);
  requireShares(deployment, key);
  const current = await currentVersion(bucket, key, signal);
  if (current?.versionId !== versionId)
    throw new OperatorError("usage", `${key} has another version by now: look again`);
  await tellNotifier(queues, { share: { bucket: bucket.bucket, key, versionId, percent } }, signal);
  sendJson(exchange.response, {});
}
