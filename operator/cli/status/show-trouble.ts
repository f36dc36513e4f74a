import { type FileView, fileView } from "../../cloud/file-view.ts";
import { fleetOf } from "../../cloud/fleets/key-by-manifest.ts";
import { takeSome } from "../../cloud/take.ts";
import type { CliContext } from "../context.ts";
import { formatTable } from "../terminal/print.ts";
import type { Asking } from "./asking.ts";
import { differsRow } from "./device-rows.ts";
import { FILE_HEADER, fileRow } from "./file-row.ts";
import type { Shown } from "./shown.ts";

/** What somebody should look at: files of devices, and devices. */
export async function showTrouble(
  { process, signal }: CliContext,
  asking: Asking,
  limit: number,
): Promise<Shown> {
  const { deliveries } = asking;
  const { taken: entries, more } = await takeSome(deliveries.trouble(limit), limit);
  const nameOf = ({ device, path }: { device: string; path: string }) => `${device}\n${path}`;
  const whole = new Map(
    (await deliveries.whole(entries.filter(({ path }) => path !== ""))).map((each) => [nameOf(each), each]),
  );
  const views = new Map([...whole].map(([name, delivery]) => [name, fileView(delivery, undefined)]));
  const isIn = await membersOf(asking, [...views.values()], signal);
  let left = 0;
  const rows = entries.flatMap((entry) => {
    if (entry.path === "") return [[entry.device, ...differsRow(entry.device, entry.at)]];
    const view = views.get(nameOf(entry));
    if (view === undefined) return [];
    if (isIn(entry.device, view)) return [[entry.device, ...fileRow(view)]];
    left += 1;
    return [];
  });
  return {
    ...noteOf(rows.length, left, more, process.stdout.isTTY === true),
    text: rows.length === 0 ? "" : formatTable(process.stdout, ["DEVICE", ...FILE_HEADER], rows),
    json: { trouble: rows },
  };
}

/**
 * Whether a device is still in the fleet that asks for a file: one that has left says nothing more of it. As far as Notehub and AWS IoT say who is
 * in, which is asked once for each fleet.
 */
async function membersOf(
  { members, defaultTarget }: Asking,
  views: readonly FileView[],
  signal: AbortSignal,
): Promise<(device: string, view: FileView) => boolean> {
  const ownerOf = ({ key }: FileView) => (key === undefined ? undefined : fleetOf(key, defaultTarget));
  const all = new Map<string, ReadonlySet<string>>();
  for (const owner of new Set(views.map(ownerOf))) {
    if (owner === undefined) continue;
    const found = await members(owner).catch(() => signal.throwIfAborted());
    if (found !== undefined) all.set(owner, new Set(found));
  }
  return (device, view) => device === ownerOf(view) || (all.get(ownerOf(view) ?? "")?.has(device) ?? true);
}

/** How many there are only a count of all would tell; so would who has what. */
function noteOf(shown: number, left: number, more: boolean, terminal: boolean): Pick<Shown, "note"> {
  const [files, their] =
    left === 1 ? ["1 file is", "its device has"] : [`${left} files are`, "their devices have"];
  const away =
    left === 0
      ? ""
      : `${files} not listed: ${their} left the fleet that asked for ${left === 1 ? "it" : "them"}`;
  if (more)
    return {
      note: `${away === "" ? "" : `${away}; `}and more: these are the newest ${shown}, --limit shows more, and noteferry status <fleet> a line for each device`,
    };
  if (shown > 0) return away === "" ? {} : { note: away };
  const others = terminal
    ? ": noteferry status <key>, <device> or <fleet> shows who has what, and who is silent"
    : "";
  return { note: `nothing is in trouble${others}${away === "" ? "" : `; ${away}`}` };
}
