import { KeyRefused } from "./key-refused.ts";
import { checkPath } from "./path.ts";

/**
 * Who gets a file: one Notehub device, every device of a Notehub fleet, one AWS IoT thing, every thing of an AWS IoT thing group. A thing's UID
 * is `thing:` and its name, a group's `thing-group:` and its name. [NF-1.1]
 */
export type Target =
  | { kind: "device"; deviceUid: string }
  | { kind: "fleet"; fleetUid: string }
  | { kind: "thing"; thingUid: string }
  | { kind: "thing-group"; groupUid: string };

/** What Notehub reaches. */
export type NotehubTarget = Extract<Target, { kind: "device" | "fleet" }>;

/** What a key says: its target (none: no default target was chosen) and the path below the agent's root. */
export type Addressed = { target: Target | undefined; path: string };

const DEVICE_UID = /^dev:[0-9A-Za-z][0-9A-Za-z:._-]{0,63}$/;
const FLEET_UID = /^fleet:[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/;
/** Their names are as AWS IoT has them. https://docs.aws.amazon.com/iot/latest/apireference/API_CreateThing.html */
const THING_UID = /^thing:[0-9A-Za-z:_-]{1,128}$/;
const GROUP_UID = /^thing-group:[0-9A-Za-z:_-]{1,128}$/;

/** By the first segment of a key, what its second one is, and what goes before that to make a UID. */
const FOLDERS: Readonly<
  Record<string, { kind: Target["kind"]; prefix: string; called: string; example: string }>
> = {
  devices: { kind: "device", prefix: "", called: "device", example: "dev:864475046552567" },
  fleets: { kind: "fleet", prefix: "", called: "fleet", example: "fleet:1042ddc5-…" },
  things: { kind: "thing", prefix: "thing:", called: "thing", example: "pump-7" },
  "thing-groups": { kind: "thing-group", prefix: "thing-group:", called: "thing group", example: "pumps" },
};

/** Parses `dev:…`, `fleet:…`, `thing:…` or `thing-group:…`; undefined if it is none of them. */
export function parseTarget(uid: string): Target | undefined {
  if (DEVICE_UID.test(uid)) return { kind: "device", deviceUid: uid };
  if (FLEET_UID.test(uid)) return { kind: "fleet", fleetUid: uid };
  if (THING_UID.test(uid)) return { kind: "thing", thingUid: uid };
  if (GROUP_UID.test(uid)) return { kind: "thing-group", groupUid: uid };
  return undefined;
}

export function formatTarget(target: Target): string {
  switch (target.kind) {
    case "device":
      return target.deviceUid;
    case "fleet":
      return target.fleetUid;
    case "thing":
      return target.thingUid;
    case "thing-group":
      return target.groupUid;
  }
}

/** What the keys of a target begin with. [NF-1.3] */
export function folderOf(target: Target): string {
  const uid = formatTarget(target);
  const [folder, { prefix }] =
    Object.entries(FOLDERS).find(([, { kind }]) => kind === target.kind) ?? nowhere();
  return `${folder}/${uid.slice(prefix.length)}/`;
}

function nowhere(): never {
  throw new TypeError("there is no such kind of target");
}

/** The UID whose manifest says what the target should have; undefined for a Notehub device, which is told of each file. [NF-11.1] [NF-13.1] */
export function manifestOwner(target: Target | undefined): string | undefined {
  return target === undefined || target.kind === "device" ? undefined : formatTarget(target);
}

/** True for the UID of a Notehub device or fleet. */
export function isNotehubUid(uid: string): boolean {
  return DEVICE_UID.test(uid) || FLEET_UID.test(uid);
}

/** True for the UID of what has a manifest. */
export function isManifestOwner(uid: string): boolean {
  return manifestOwner(parseTarget(uid)) !== undefined;
}

/** True for the UID of what has files and sends receipts: a Notehub device or an AWS IoT thing. */
export function isDeviceUid(uid: string): boolean {
  const kind = parseTarget(uid)?.kind;
  return kind === "device" || kind === "thing";
}

/** True for the folder markers that the S3 console makes. [NF-1.6] */
export function isFolderMarker(key: string): boolean {
  return key.endsWith("/");
}

/** True for keys that name their own target; they are served only with their current etag. [NF-7.2] */
export function isPrivateKey(key: string): boolean {
  const [folder = "", ...rest] = key.split("/");
  return rest.length > 0 && Object.hasOwn(FOLDERS, folder);
}

/** True for keys that name an AWS IoT thing or a group of things: no Notecard asks for them. */
export function isThingKey(key: string): boolean {
  return key.startsWith("things/") || key.startsWith("thing-groups/");
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
  const [folder = "", name = ""] = key.split("/", 2);
  const { kind, prefix, called, example } = FOLDERS[folder] ?? nowhere();
  const target = parseTarget(prefix + name);
  if (target?.kind !== kind)
    throw new KeyRefused(
      "target",
      `the key names no ${called} after ${folder}/: write ${folder}/${example}/<path>`,
    );
  return { target, path: key.slice(folder.length + name.length + 2) }; // [NF-1.3]
}
