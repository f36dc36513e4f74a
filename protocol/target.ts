import { KeyRefused } from "./key-refused.ts";
import { checkPath } from "./path.ts";

/** Who gets a file: one Notehub device, or every device of a Notehub fleet. */
export type Target = { kind: "device"; deviceUid: string } | { kind: "fleet"; fleetUid: string };

/** What a key says: its target (none: no default target was chosen) and the path below the agent's root. */
export type Addressed = { target: Target | undefined; path: string };

const DEVICE_UID = /^dev:[0-9A-Za-z][0-9A-Za-z:._-]{0,63}$/;
const FLEET_UID = /^fleet:[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/;

/** Parses `dev:…` or `fleet:…`; undefined if it is neither. */
export function parseTarget(uid: string): Target | undefined {
  if (DEVICE_UID.test(uid)) return { kind: "device", deviceUid: uid };
  if (FLEET_UID.test(uid)) return { kind: "fleet", fleetUid: uid };
  return undefined;
}

export function formatTarget(target: Target): string {
  return target.kind === "device" ? target.deviceUid : target.fleetUid;
}

/** True for the folder markers that the S3 console makes. [NF-1.6] */
export function isFolderMarker(key: string): boolean {
  return key.endsWith("/");
}

/** True for keys that name their own target; they are served only with their current etag. [NF-7.2] */
export function isPrivateKey(key: string): boolean {
  return isDeviceKey(key) || key.startsWith("fleets/");
}

/** True for keys that name a device: it is told when one is gone. [NF-2.6] */
export function isDeviceKey(key: string): boolean {
  return key.startsWith("devices/");
}

/**
 * Resolves a key to its target and path.
 *
 * @throws {KeyRefused} when the path is unsafe, or the key names a target that cannot be one.
 */
export function addressKey(key: string, defaultTarget?: Target): Addressed {
  const addressed = isPrivateKey(key) ? addressPrivateKey(key) : { target: defaultTarget, path: key }; // [NF-1.2]
  checkPath(addressed.path);
  return addressed;
}

/** The path of a key, and of a key that a device refuses the key itself, which then hides no file. [NF-1.4] */
export function pathOrKey(key: string): string {
  try {
    return addressKey(key).path;
  } catch (error) {
    if (error instanceof KeyRefused) return key;
    throw error;
  }
}

/** A typo in a UID must never send a private file to the default target. [NF-1.1] */
function addressPrivateKey(key: string): Addressed {
  const [folder = "", uid = ""] = key.split("/", 2);
  const target = parseTarget(uid);
  if (target === undefined || target.kind !== (folder === "devices" ? "device" : "fleet")) {
    throw new KeyRefused(
      "target",
      `the key names no ${folder === "devices" ? "device" : "fleet"} after ${folder}/`,
    );
  }
  return { target, path: key.slice(folder.length + uid.length + 2) }; // [NF-1.3]
}
