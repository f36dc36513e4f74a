import type { Deliveries } from "../../cloud/deliveries.ts";
import { takeSome } from "../../cloud/take.ts";
import type { CliContext } from "../context.ts";
import { formatTable } from "../terminal/print.ts";
import { differsRow } from "./device-view.ts";
import { FILE_HEADER, fileRow, fileView } from "./file-view.ts";
import type { Shown } from "./shown.ts";

/** What somebody should look at: files of devices, and devices. */
export async function showTrouble(
  { process }: CliContext,
  deliveries: Deliveries,
  limit: number,
): Promise<Shown> {
  const { taken: entries, more } = await takeSome(deliveries.trouble(limit), limit);
  const nameOf = ({ device, path }: { device: string; path: string }) => `${device}\n${path}`;
  const whole = new Map(
    (await deliveries.whole(entries.filter(({ path }) => path !== ""))).map((each) => [nameOf(each), each]),
  );
  const rows = entries.flatMap((entry) => {
    if (entry.path === "") return [[entry.device, ...differsRow(entry.device, entry.at)]];
    const delivery = whole.get(nameOf(entry));
    return delivery === undefined ? [] : [[entry.device, ...fileRow(fileView(delivery, undefined))]];
  });
  return {
    ...noteOf(rows.length, more, process.stdout.isTTY === true),
    text: rows.length === 0 ? "" : formatTable(process.stdout, ["DEVICE", ...FILE_HEADER], rows),
    json: { trouble: rows },
  };
}

/** How many there are only a count of all would tell; so would who has what. */
function noteOf(shown: number, more: boolean, terminal: boolean): Pick<Shown, "note"> {
  if (more)
    return {
      note: `and more: these are the newest ${shown}, --limit shows more, and noteferry status <fleet> a line for each device`,
    };
  if (shown > 0) return {};
  const others = terminal
    ? ": noteferry status <key>, <device> or <fleet> shows who has what, and who is silent"
    : "";
  return { note: `nothing is in trouble${others}` };
}
