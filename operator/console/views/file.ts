import { DELIVERY_STATES, type DeliveryState, TROUBLE } from "../../../protocol/delivery-state.ts";
import { shortSha256 } from "../../../protocol/inventory.ts";
import { contentsByAnnouncement } from "../../cloud/files/holders.ts";
import { listVersions } from "../../cloud/files/list-versions.ts";
import { type Numbered, numberVersions } from "../../cloud/files/number-versions.ts";
import { type WhoHasIt, whoHasIt } from "../../cloud/files/who-has-it.ts";
import { recipientOf } from "../../cloud/recipient.ts";
import { SILENT_MS } from "../../cloud/silence.ts";
import type { FileLine, FileView } from "../api.ts";
import type { World } from "../world.ts";
import { fileLine } from "./file-line.ts";

const LINES = 50;

/** What somebody should look at comes first. */
const IN_ORDER = [...DELIVERY_STATES].sort(
  (one, other) => urgencyOf(one) - urgencyOf(other) || (one < other ? -1 : 1),
);

/**
 * Looks at a file again and again: who has which version is worked out anew, from all of its devices, only once something has changed. No look
 * waits for that: the next one has it.
 *
 * @param state only devices in that state
 */
export function createFileLook(
  world: Pick<World, "bucket" | "deliveries" | "pages" | "deployment" | "signal" | "underWay">,
  { key, state, after }: { key: string; state: DeliveryState | undefined; after: string | undefined },
): () => Promise<FileView> {
  const { bucket, deliveries, pages, deployment, signal, underWay } = world;
  /** What was worked out, from what, and why that failed. */
  let known: WhoHasIt | undefined;
  let of: string | undefined;
  let failure: { error: unknown } | undefined;
  const workOut = (from: string, versions: readonly Numbered[]) => {
    of = from;
    const working = whoHasIt(deployment, bucket, key, versions, signal).then(
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
    const [found, { states, silent }] = await Promise.all([
      listVersions(bucket, key, signal),
      deliveries.count(key, Date.now() - SILENT_MS),
    ]);
    const versions = numberVersions(found, Date.now());
    const shown = IN_ORDER.filter((each) => states.has(each) && (state === undefined || each === state));
    const page = await pages.ofFile(key, shown, LINES, after);
    const shownHere = await deliveries.whole(page.items);
    const lines = shownHere.map((each) => fileLine(each, undefined));
    const from = JSON.stringify([versions.map(({ versionId }) => versionId), [...states], lines]);
    if (from !== of) workOut(from, versions);
    const contents = new Map([
      ...contentsByAnnouncement(key, versions, shownHere),
      ...(known?.contents ?? []),
    ]);
    return {
      key,
      ...recipientOf(key, deployment.outputs.DefaultTarget),
      versions: versions.map((each) => versionLine(each, known)),
      others: known?.others.length ?? 0,
      states: IN_ORDER.flatMap((each) => countOf(states, each)),
      ...(silent.devices === 0 ? {} : { silent }),
      lines: lines.map((line) => withNumbers(line, versions, contents)),
      ...(page.next === undefined ? {} : { next: page.next }),
    };
  };
}

function countOf(
  states: ReadonlyMap<DeliveryState, number>,
  state: DeliveryState,
): [DeliveryState, number][] {
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

function urgencyOf(state: DeliveryState): number {
  if (TROUBLE.has(state)) return 0;
  return state === "announced" ? 1 : 2;
}
