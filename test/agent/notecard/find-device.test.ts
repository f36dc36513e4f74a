import { mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findDevice } from "../../../agent/notecard/find-device.ts";
import { openPort, parseNotecardAddress } from "../../../agent/notecard/open-port.ts";
import { PortClosed } from "../../../agent/notecard/port.ts";

/** A folder as udev keeps it: a link for each device, by its name. */
async function byId(...names: string[]): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-by-id-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [at, name] of names.entries()) {
    await writeFile(path.join(folder, `ttyACM${at}`), "");
    await symlink(`ttyACM${at}`, path.join(folder, name));
  }
  return folder;
}

const BLUES = "usb-Blues_Wireless_Notecard_1-if00";

test("a pattern finds the one device of that name", async () => {
  const folder = await byId("usb-u-blox_GNSS_receiver-if00", BLUES);
  expect(await findDevice(`${folder}/usb-Blues*`)).toBe(`${folder}/${BLUES}`);
  expect(await findDevice(`${folder}/*Notecard*if00`)).toBe(`${folder}/${BLUES}`);
  expect(await findDevice("/dev/ttyACM0")).toBe("/dev/ttyACM0");
});

test("a pattern that several fit, or none, names them and opens nothing", async () => {
  const folder = await byId(BLUES, "usb-Blues_Wireless_Notecard_2-if00");
  await expect(findDevice(`${folder}/usb-Blues*`)).rejects.toThrow(
    `${folder}/usb-Blues* fits more than one device, ${folder}/${BLUES} and ${folder}/usb-Blues_Wireless`,
  );
  for (const none of [`${folder}/usb-u-blox*`, `${folder}/missing/usb*`, `${folder}/usb.Blues*`]) {
    await expect(findDevice(none)).rejects.toThrow(PortClosed);
    await expect(findDevice(none)).rejects.toThrow(`no device is called ${none} at present`);
  }
});

test("an address with a pattern is looked up each time it is opened", async () => {
  const folder = await byId("usb-other");
  const address = parseNotecardAddress(`serial:${folder}/usb-Blues*?baud=9600`);
  if (address === undefined) throw new Error("no address");
  await expect(openPort(address)).rejects.toThrow("is it plugged in?");
  await rename(`${folder}/usb-other`, `${folder}/${BLUES}`);
  await expect(openPort(address)).rejects.toThrow(`${folder}/${BLUES} cannot be opened: `); // it is a file
});
