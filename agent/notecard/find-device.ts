import { readdir } from "node:fs/promises";
import path from "node:path";
import { PortClosed } from "./port.ts";

/**
 * The device that an address means now. USB devices are numbered as they come, so that a Notecard which was `ttyACM0` may be
 * `ttyACM1` after it restarts: a `*` in the last segment, as in `/dev/serial/by-id/usb-Blues*`, finds it by its name.
 *
 * @throws {PortClosed} if nothing matches, or more than one.
 */
export async function findDevice(address: string): Promise<string> {
  const [folder, pattern] = [path.dirname(address), path.basename(address)];
  if (!pattern.includes("*")) return address;
  const source = pattern.split("*").map(escaped).join(".*");
  const names = await readdir(folder).catch(() => []); // udev makes the folder with the first device
  const found = names.filter((name) => new RegExp(`^${source}$`, "s").test(name)).toSorted();
  const [only, ...others] = found.map((name) => path.join(folder, name));
  if (only === undefined)
    throw new PortClosed(`no device is called ${address} at present: is it plugged in?`);
  if (others.length === 0) return only;
  throw new PortClosed(`${address} fits more than one device, ${[only, ...others].join(" and ")}: name one`);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
