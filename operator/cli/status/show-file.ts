import { DELIVERY_STATES } from "../../../protocol/delivery-state.ts";
import { type FileView, fileByManifestView, fileView } from "../../cloud/file-view.ts";
import { fleetOf, keyByManifest } from "../../cloud/fleets/key-by-manifest.ts";
import { fileWaiting, waitingText } from "../../cloud/fleets/waiting.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { SILENT_MS, silenceNote, silenceOf } from "../../cloud/silence.ts";
import { take } from "../../cloud/take.ts";
import { tried } from "../../cloud/tried.ts";
import type { CliContext } from "../context.ts";
import { formatTable } from "../terminal/print.ts";
import { printable } from "../terminal/printable.ts";
import type { Asking } from "./asking.ts";
import { FILE_HEADER, fileRow } from "./file-row.ts";
import type { Shown } from "./shown.ts";

/** Why nothing is known of devices outside a share of which there is no version before. */
const OUTSIDE = "outside the share, with no version before for them, they keep what they have";

type OfDevice = FileView & { device: string };

/** What is shown of a file: how many devices have it in which state, some of them, and who is silent. */
type Found = {
  counts: ReadonlyMap<string, number>;
  files: readonly OfDevice[];
  silent: { devices: number; since: number };
  notes: readonly string[];
  /** Devices outside a share, of which nothing is known. */
  unasked?: number;
};

export async function showFile(
  context: CliContext,
  asking: Asking,
  key: string,
  limit: number,
): Promise<Shown> {
  const { stdout } = context.process;
  const { counts, files, silent, notes, unasked = 0 } = await find(context, asking, key, limit);
  if (counts.size === 0 && unasked === 0) {
    const sentence = [`nobody was ever told of ${key}: noteferry ls shows who gets a key`, ...notes].join(
      "; ",
    );
    throw new OperatorError("not-found", sentence, { mayPass: true });
  }
  const summary = [...counts].map(([state, count]) => `${count} ${state}`).join(", ");
  const rows = files.map((file) => [file.device, ...fileRow(file)]);
  const table = formatTable(stdout, ["DEVICE", ...FILE_HEADER], rows);
  const total = [...counts.values()].reduce((sum, each) => sum + each, 0);
  const more = total > files.length ? [`and ${total - files.length} more: --limit shows them`] : [];
  const all = [...more, ...(silent.devices > 0 ? [silenceNote(silent)] : []), ...notes];
  return {
    ...(all.length === 0 ? {} : { note: all.join("; ") }),
    text:
      counts.size === 0 ? "" : stdout.isTTY === true ? `${printable(key)}: ${summary}\n\n${table}` : table,
    json: { key, counts: Object.fromEntries(counts), devices: files, unasked },
  };
}

async function find({ signal }: CliContext, asking: Asking, key: string, limit: number): Promise<Found> {
  const { deliveries, members, defaultTarget } = asking;
  const fleet = fleetOf(key, defaultTarget);
  if (fleet !== undefined && asking.fleets.areTold) {
    const waiting = await tried(() => fileWaiting(asking.fleets, fleet, key, Date.now()), signal, {
      isPassing: false,
    });
    const newest =
      waiting.found === undefined
        ? []
        : [`until it is announced, this is not about the newest: ${fleet} ${waitingText(waiting.found)}`];
    const who = await tried(() => members(fleet), signal);
    const told = await tried(() => keyByManifest(asking, key, fleet, who.found), signal, {
      isPassing: false,
    });
    const views = told.found?.files.map((each) => ({
      device: each.delivery.device,
      ...fileByManifestView(each, undefined),
    }));
    if (views !== undefined) {
      const unasked = told.found?.unasked ?? 0;
      const notes = [
        ...newest,
        ...(unasked === 0
          ? []
          : [`${unasked === 1 ? "1 device is" : `${unasked} devices are`} not listed: ${OUTSIDE}`]),
        ...(who.why === undefined ? [] : [`who was never heard of is not known: ${who.why}`]),
      ];
      return { ...foundIn(views, limit), notes, unasked };
    }
    const unknown = told.why === undefined ? [] : [`what ${fleet} was told is not known: ${told.why}`];
    return { ...(await inTable(deliveries, key, limit)), notes: [...newest, ...unknown] };
  }
  return { ...(await inTable(deliveries, key, limit)), notes: [] };
}

/** By the receipts of each device alone. */
async function inTable(deliveries: Asking["deliveries"], key: string, limit: number) {
  const { states: counts, silent } = await deliveries.count(key, Date.now() - SILENT_MS);
  const whole = await deliveries.whole(await take(deliveries.ofFile(key, limit), limit));
  const files = whole.map((delivery) => ({ device: delivery.device, ...fileView(delivery, undefined) }));
  return { counts, files, silent };
}

const ORDER: readonly string[] = [...DELIVERY_STATES, "held-back", "overruled", "waiting"];

function foundIn(views: readonly OfDevice[], limit: number) {
  const sorted = views.toSorted(
    (a, b) =>
      ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
      Date.parse(b.at) - Date.parse(a.at) ||
      (a.device < b.device ? -1 : 1),
  );
  const states = ORDER.map((state) => [state, views.filter((each) => each.state === state).length] as const);
  const counts = new Map(states.filter(([, count]) => count > 0));
  const silent = silenceOf(
    views.map((view) => ({ device: view.device, files: [view] })),
    Date.now(),
  );
  return { counts, files: sorted.slice(0, limit), silent };
}
