import { createHash } from "node:crypto";
import { type FleetState, fleetStateKey, parseFleetState } from "../../../../../protocol/fleet-state.ts";
import { digestOf } from "../../../../../protocol/inventory.ts";
import { parseManifest } from "../../../../../protocol/manifest.ts";
import type { ManifestException } from "../../../../../protocol/manifest-exceptions.ts";
import { manifestForDevice } from "../../../../../protocol/manifest-for-device.ts";
import type { ManifestReceipt } from "../../../../../protocol/manifest-receipt.ts";
import { parseVariable, variableName } from "../../../../../protocol/manifest-variable.ts";
import { packedKey } from "../../../../../protocol/packed.ts";
import type { FleetCloud } from "./cloud.ts";
import type { FleetDevice } from "./device.ts";
import { PATHS } from "./places.ts";
import { type Say, shouldHave, type Wanted } from "./should-have.ts";

export type Settled = {
  cloud: FleetCloud;
  say: Say;
  /** Every content that was ever uploaded, by path. */
  uploaded: ReadonlyMap<string, ReadonlySet<string>>;
};

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("base64url");

/** The state of a fleet, as it is on record. */
export function stateOf(cloud: Pick<FleetCloud, "objects">, fleet: string): FleetState | undefined {
  const text = cloud.objects.get(fleetStateKey(fleet));
  return typeof text === "string" ? parseFleetState(text) : undefined;
}

/** What is not on a device as it must be, a sentence each. */
export async function wrongOn(device: FleetDevice, settled: Settled): Promise<string[]> {
  const { say, uploaded } = settled;
  const there = new Map<string, Buffer>();
  for (const path of PATHS) {
    const content = await device.content(path);
    if (content !== undefined) there.set(path, content);
  }
  const wrong: string[] = [];
  for (const path of PATHS) {
    const [has, wanted] = [there.get(path), shouldHave(device.uid, path, say)];
    if (has !== undefined && uploaded.get(path)?.has(has.toString()) !== true) wrong.push(`${path} is torn`);
    else if (!isMet(has, wanted)) wrong.push(`${path} should be ${wanted}, is ${has}`);
  }
  for (const fleet of say.fleetsOf(device.uid)) wrong.push(...wrongReceipt(device, fleet, there, settled));
  return wrong.map((sentence) => `${device.uid}: ${sentence}`);
}

function isMet(has: Buffer | undefined, wanted: Wanted): boolean {
  if (wanted === "what it has") return true;
  if (wanted === "nothing") return has === undefined;
  if (wanted === "what runs") return !has?.toString().startsWith("bad");
  return has?.equals(wanted) === true;
}

/** The newest receipt for the manifest that a fleet is told of says what is on the device. [NF-11.12] */
function wrongReceipt(
  { uid, reports }: FleetDevice,
  fleet: string,
  there: ReadonlyMap<string, Buffer>,
  { cloud, say }: Settled,
): string[] {
  const notice = parseVariable(cloud.variables.get(fleet)?.get(variableName(fleet)) ?? "");
  if (notice === undefined) return [];
  const manifest = parseManifest(
    cloud.packed(packedKey({ sha256: notice.sha256, manifest: true })) ?? Buffer.alloc(0),
  );
  if (manifest === undefined) return [`${fleet}: the announced manifest cannot be read`];
  const receipts = reports.filter(
    (report): report is ManifestReceipt => report.state === "manifest" && report.fleet === fleet,
  );
  const [newest] = receipts.toSorted((a, b) => b.n - a.n);
  if (newest?.serial !== manifest.serial)
    return [`${fleet}: the newest receipt is for ${newest?.serial}, announced is ${manifest.serial}`];
  const digests = manifest.files.flatMap(({ path }) => {
    const content = there.get(path);
    return content === undefined ? [] : [{ path, sha256: sha256(content) }];
  });
  const wrong: string[] = [];
  const not = new Map((newest.not ?? []).map((exception) => [exception[0], exception]));
  const asked = manifestForDevice(manifest, uid);
  // Where something else counts, what is there may have changed since, which a receipt of its own tells.
  const isAll =
    asked.length === manifest.files.length && [...not.values()].every(([, state]) => state !== "unchanged");
  if (isAll && newest.digest !== digestOf(digests))
    wrong.push("the receipt's digest is not of what is there");
  for (const { file, wanted, isHeldBack } of asked) {
    const { path } = file;
    const content = there.get(path);
    const isThere = content !== undefined && sha256(content) === wanted.sha256;
    const exception = not.get(path);
    if (exception === undefined && !isThere) wrong.push(`the receipt says ${path} was there`);
    if (exception !== undefined && !isRight(exception, { uid, fleet, isThere, isHeldBack, say }))
      wrong.push(`the receipt says ${JSON.stringify(exception)}`);
    not.delete(path);
  }
  // What is left is of files that were to go, with a program that does not run.
  for (const exception of not.values())
    if (!manifest.prune || !isRight(exception, { uid, fleet, isThere: false, isHeldBack: false, say }))
      wrong.push(`the receipt says ${JSON.stringify(exception)}`);
  const inPlace = asked.length - (newest.not ?? []).length + not.size;
  if (newest.installed + newest.unchanged !== inPlace) wrong.push("the receipt counts otherwise");
  return wrong.map((sentence) => `${fleet}: ${sentence}`);
}

function isRight(
  [path, state, reason]: ManifestException,
  {
    uid,
    fleet,
    isThere,
    isHeldBack,
    say,
  }: { uid: string; fleet: string; isThere: boolean; isHeldBack: boolean; say: Say },
): boolean {
  const why = `${state} ${reason}`;
  if (why === "unchanged own-key") return say.current(`devices/${uid}/${path}`) !== undefined;
  if (why === "unchanged other-fleet") return say.fleetsOf(uid).some((each) => each < fleet);
  const mayNotRun = shouldHave(uid, path, say) === "what runs";
  if (why === "unchanged newer") return isThere || mayNotRun;
  if (why === "failed run") return mayNotRun;
  return state === "held-back" && isHeldBack && !isThere;
}
