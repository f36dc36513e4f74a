import { shortSha256 } from "../../../protocol/inventory.ts";
import { contentsByAnnouncement } from "../../cloud/files/holders.ts";
import { listVersions } from "../../cloud/files/list-versions.ts";
import { type Numbered, numberVersions } from "../../cloud/files/number-versions.ts";
import { type WhoHasIt, whoHasIt } from "../../cloud/files/who-has-it.ts";
import { inOneLook } from "../../cloud/fleets/open-fleets.ts";
import { recipientOf } from "../../cloud/recipient.ts";
import type { FileLine, FileView, ShownState } from "../api.ts";
import type { World } from "../world.ts";
import { fileDevices } from "./file-devices.ts";
import { STATES_IN_ORDER } from "./file-line.ts";
import { shareView } from "./share.ts";

/**
 * Looks at a file again and again: who has which version is worked out anew, from all of its devices, only once something has changed. No look
 * waits for that: the next one has it.
 *
 * @param wanted `state`: only devices in that state
 */
export function createFileLook(
  world: Pick<
    World,
    "bucket" | "deliveries" | "pages" | "fleets" | "members" | "deployment" | "signal" | "underWay"
  >,
  wanted: { key: string; state: ShownState | undefined; after: string | undefined },
): () => Promise<FileView> {
  const { bucket, deployment, deliveries, fleets, signal, underWay } = world;
  const { key } = wanted;
  const { DefaultTarget: defaultTarget } = deployment.outputs;
  /** What was worked out, from what, and why that failed. */
  let known: WhoHasIt | undefined;
  let of: string | undefined;
  let failure: { error: unknown } | undefined;
  const workOut = (from: string, versions: readonly Numbered[]) => {
    of = from;
    const working = whoHasIt({ bucket, deliveries, fleets, defaultTarget }, key, versions, signal).then(
      (found) => {
        known = found;
      },
      (error: unknown) => {
        failure = { error };
        of = undefined;
      },
    );
    underWay.add(working);
  };

  return async () => {
    if (failure !== undefined) {
      const { error } = failure;
      failure = undefined;
      throw error;
    }
    const look = inOneLook(fleets);
    const [found, page] = await Promise.all([
      listVersions(bucket, key, signal),
      fileDevices(world, look, wanted),
    ]);
    const { states, silent, lines, notes, next } = page;
    const versions = numberVersions(found, Date.now());
    const from = JSON.stringify([versions.map(({ versionId }) => versionId), [...states], lines]);
    if (from !== of) workOut(from, versions);
    const share = await shareView(deployment, look, key, versions);
    const contents = new Map([
      ...contentsByAnnouncement(key, versions, page.deliveries),
      ...(known?.contents ?? []),
    ]);
    return {
      key,
      ...recipientOf(key, defaultTarget),
      versions: versions.map((each) => versionLine(each, known)),
      others: known?.others.length ?? 0,
      unknown: known?.unknown ?? 0,
      share,
      isAnnounced: share?.percent === 0 || states.has("not-announced") || isTold(versions, page.told),
      states: STATES_IN_ORDER.flatMap((each) => countOf(states, each)),
      ...(silent.devices === 0 ? {} : { silent }),
      lines: lines.map((line) => withNumbers(line, versions, contents)),
      notes,
      ...(next === undefined ? {} : { next }),
    };
  };
}

/** Whether any device was told of the newest version, or there is none to tell of. */
function isTold(versions: readonly Numbered[], told: ReadonlySet<string>): boolean {
  const current = versions.find((each) => each.current);
  if (current === undefined || current.deleted) return true;
  return told.has(current.versionId) || told.has(current.etag);
}

function countOf(states: ReadonlyMap<ShownState, number>, state: ShownState): [ShownState, number][] {
  const count = states.get(state);
  return count === undefined ? [] : [[state, count]];
}

function versionLine(version: Numbered, known: WhoHasIt | undefined): FileView["versions"][number] {
  const { versionId, n, current, at } = version;
  const shared = { versionId, n, current, at: Date.parse(at) };
  if (version.deleted) return shared;
  return {
    ...shared,
    bytes: version.bytes,
    devices: known?.devicesOf(versionId)?.length,
    isCounted: known !== undefined,
  };
}

/** Contents by the numbers of their newest versions, as far as announcements and reading told. */
function withNumbers(
  line: FileLine,
  versions: readonly Numbered[],
  contents: ReadonlyMap<string, string>,
): FileLine {
  const numberOf = (short: string | undefined) => {
    if (short === undefined) return undefined;
    return versions.find(({ versionId }) => {
      const sha256 = contents.get(versionId);
      return sha256 !== undefined && shortSha256(sha256) === short;
    })?.n;
  };
  return { ...line, wantedN: numberOf(line.wanted), hasN: numberOf(line.has) };
}
