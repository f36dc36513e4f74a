import { DELIVERY_STATES, type DeliveryState, TROUBLE } from "../../../protocol/delivery-state.ts";
import { shortSha256 } from "../../../protocol/inventory.ts";
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
 * Looks at a file again and again: who has which version is worked out anew, from all of its devices, only once something has changed.
 *
 * @param state only devices in that state
 */
export function createFileLook(
  world: Pick<World, "bucket" | "deliveries" | "pages" | "deployment">,
  { key, state, after }: { key: string; state: DeliveryState | undefined; after: string | undefined },
  signal: AbortSignal,
): () => Promise<FileView> {
  const { bucket, deliveries, pages, deployment } = world;
  let held: { of: string; known: Promise<WhoHasIt> } | undefined;

  return async () => {
    const [found, { states, silent }] = await Promise.all([
      listVersions(bucket, key, signal),
      deliveries.count(key, Date.now() - SILENT_MS),
    ]);
    const versions = numberVersions(found, Date.now());
    const shown = IN_ORDER.filter((each) => states.has(each) && (state === undefined || each === state));
    const page = await pages.ofFile(key, shown, LINES, after);
    const lines = (await deliveries.whole(page.items)).map((each) => fileLine(each, undefined));
    const of = JSON.stringify([versions.map(({ versionId }) => versionId), [...states], lines]);
    if (held?.of !== of) held = { of, known: whoHasIt(deployment, bucket, key, versions, signal) };
    const known = await held.known.catch((error: unknown) => {
      held = undefined;
      throw error;
    });
    return {
      key,
      ...recipientOf(key, deployment.outputs.DefaultTarget),
      versions: versions.map((each) => versionLine(each, known)),
      others: known.others.length,
      states: shown.length === 0 ? [...states] : IN_ORDER.flatMap((each) => countOf(states, each)),
      ...(silent.devices === 0 ? {} : { silent }),
      lines: lines.map((line) => withNumbers(line, versions, known)),
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

function versionLine(version: Numbered, known: WhoHasIt): FileView["versions"][number] {
  const { versionId, n, current, at } = version;
  const shared = { versionId, n, current, at: Date.parse(at) };
  if (version.deleted) return shared;
  return { ...shared, bytes: version.bytes, devices: known.devicesOf(versionId)?.length };
}

/** Contents by the numbers of their newest versions, as far as announcements and reading told. */
function withNumbers(line: FileLine, versions: readonly Numbered[], known: WhoHasIt): FileLine {
  const numberOf = (short: string | undefined) => {
    if (short === undefined) return undefined;
    return versions.find(({ versionId }) => {
      const sha256 = known.contents.get(versionId);
      return sha256 !== undefined && shortSha256(sha256) === short;
    })?.n;
  };
  return { ...line, wantedN: numberOf(line.wanted), hasN: numberOf(line.has) };
}

function urgencyOf(state: DeliveryState): number {
  if (TROUBLE.has(state)) return 0;
  return state === "announced" ? 1 : 2;
}
