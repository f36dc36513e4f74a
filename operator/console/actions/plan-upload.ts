import { HeadObjectCommand, NotFound } from "@aws-sdk/client-s3";
import * as v from "valibot";
import { formatTarget, isDeviceUid, parseTarget, type Target } from "../../../protocol/target.ts";
import { isIgnored } from "../../cloud/files/is-ignored.ts";
import { packedBytes } from "../../cloud/files/packed-bytes.ts";
import { uploadKey, whyRefused } from "../../cloud/files/upload-key.ts";
import { requireShares } from "../../cloud/fleets/require-shares.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { recipientOf } from "../../cloud/recipient.ts";
import { take } from "../../cloud/take.ts";
import { tried } from "../../cloud/tried.ts";
import type { PlannedUpload, UploadPlan } from "../api.ts";
import { type Exchange, readJson, sendJson } from "../http/exchange.ts";
import type { World } from "../world.ts";

/** Files of which is looked up what they replace; of a larger folder nobody reads that line by line. */
const MOST_LOOKED_UP = 100;
const AT_ONCE = 8;

const Request = v.object({
  to: v.pipe(v.string(), v.maxLength(100)),
  folder: v.pipe(v.string(), v.maxLength(1024)),
  files: v.pipe(
    v.array(
      v.object({
        path: v.pipe(v.string(), v.maxLength(4096)),
        bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
        sha256: v.optional(v.pipe(v.string(), v.regex(/^[\w-]{43}$/))),
      }),
    ),
    v.maxLength(10_000),
  ),
});

/** Says what an upload would do, and changes nothing. */
export async function planUpload(world: World, exchange: Exchange): Promise<void> {
  const { to, folder, files } = await readJson(exchange, Request);
  const target = to === "" ? undefined : parseTarget(to);
  if (to !== "" && target === undefined)
    throw new OperatorError("usage", `${to} is none of dev:…, fleet:…, thing:… and thing-group:…`);
  const plan: UploadPlan = { uploads: [], left: [], refused: [], hasShares: false };
  const digests = new Map<string, string>();
  for (const { path, bytes, sha256 } of files) {
    if (path.split("/").some(isIgnored)) {
      plan.left.push({ path, why: "editors and file managers leave such files behind" });
      continue;
    }
    const key = uploadKey(target, folder.replace(/^\/+|\/+$/g, ""), path);
    const why = whyRefused(key, bytes);
    if (why !== undefined) plan.refused.push({ path, why });
    else plan.uploads.push({ path, key, bytes });
    if (sha256 !== undefined) digests.set(key, sha256);
  }
  const key = plan.uploads[0]?.key ?? uploadKey(target, "a");
  Object.assign(plan, recipientOf(key, world.deployment.outputs.DefaultTarget));
  plan.hasShares = hasShares(world, plan.uploads);
  const [who] = await Promise.all([
    devicesOf(world, plan.target, exchange.signal),
    lookUpAll(world, plan.uploads.slice(0, MOST_LOOKED_UP), digests, exchange.signal),
  ]);
  sendJson(exchange.response, { ...plan, ...who } satisfies UploadPlan);
}

/** Whether a part of the target may get it. */
function hasShares({ deployment }: Pick<World, "deployment">, uploads: readonly PlannedUpload[]): boolean {
  try {
    for (const { key } of uploads) requireShares(deployment, key);
    return uploads.length > 0;
  } catch (error) {
    if (error instanceof OperatorError) return false;
    throw error;
  }
}

/** How many devices get what goes to a target, or why Notehub does not say. @throws {OperatorError} `not-found` for a fleet that there is not */
async function devicesOf(
  { members }: Pick<World, "members">,
  uid: string | undefined,
  signal: AbortSignal,
): Promise<Pick<UploadPlan, "devices" | "why">> {
  const target: Target | undefined = uid === undefined ? undefined : parseTarget(uid);
  if (target === undefined) return { devices: 0 };
  if (isDeviceUid(formatTarget(target))) return { devices: 1 };
  const { found, why } = await tried(
    () =>
      members(formatTarget(target)).catch((error: unknown) => {
        if (error instanceof OperatorError && error.code === "not-found") return error;
        throw error;
      }),
    signal,
  );
  if (found instanceof OperatorError) throw found;
  return { devices: found?.length, why };
}

async function lookUpAll(
  world: Pick<World, "bucket" | "deployment" | "deliveries">,
  uploads: readonly PlannedUpload[],
  digests: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const next = uploads.values(); // shared, so each is taken once
  const worker = async () => {
    for (const upload of next) await lookUp(world, upload, digests.get(upload.key), signal);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** What the key holds, how that reached a device, and whether this very content is packed already. */
async function lookUp(
  { bucket, deployment, deliveries }: Pick<World, "bucket" | "deployment" | "deliveries">,
  upload: PlannedUpload,
  sha256: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { key } = upload;
  const command = new HeadObjectCommand({ Bucket: bucket.bucket, Key: key });
  const [head, packed, entries] = await Promise.all([
    bucket.client.send(command, { abortSignal: signal }).catch((error: unknown) => {
      if (error instanceof NotFound) return undefined;
      throw error;
    }),
    sha256 === undefined ? undefined : packedBytes(bucket, deployment, sha256, signal),
    take(deliveries.ofFile(key, 1, "installed"), 1),
  ]);
  const [last] = await deliveries.whole(entries);
  const { way, bytes } = last?.reported ?? {};
  Object.assign(upload, {
    ...(head === undefined
      ? {}
      : { replaces: { at: head.LastModified?.getTime() ?? 0, bytes: head.ContentLength ?? 0 } }),
    packed,
    ...(way === undefined || bytes === undefined ? {} : { before: { way, bytes } }),
  });
}
