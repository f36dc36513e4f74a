import { crc32 } from "node:zlib";
import type { DeliveryState } from "./delivery-state.ts";
import type { DeviceState } from "./known-device.ts";
import type { ReportOrder } from "./report-order.ts";

/**
 * The keys of the delivery table. One partition holds all of one device: what it has in one query, however many devices
 * there are. See docs/adr/0008-the-delivery-table.md.
 */
export type TableKey = { pk: string; sk: string };

/** Of a file: who has it in which state, the newest first. Of all files: what is in trouble. Of all devices: their names. */
export const INDEXES = {
  byFile: { name: "byFile", partition: "filePk", sort: "fileSk" },
  byTrouble: { name: "byTrouble", partition: "troublePk", sort: "troubleSk" },
  devices: { name: "devices", partition: "devicesPk", sort: "devicesSk" },
} as const;

/**
 * Partitions of each index: a partition takes 1,000 writes a second, and a file of a large fleet is one index key.
 * More later would hide what is written: each reader asks all of them.
 */
export const SHARDS = 8;

/** Bytes of a path that fits every sort key, of which DynamoDB takes 1024. */
export const TABLE_PATH_MAX_BYTES = 960;

/** Seconds after which a report is no longer in a device's history. */
export const HISTORY_SECONDS = 90 * 24 * 60 * 60;

export function deviceItemKey(device: string): TableKey {
  return { pk: `device#${device}`, sk: "device" };
}

export function fileItemKey(device: string, path: string): TableKey {
  return { pk: `device#${device}`, sk: `file#${path}` };
}

/** What a device said of the manifest of a fleet. */
export function fleetItemKey(device: string, fleet: string): TableKey {
  return { pk: `device#${device}`, sk: `${FLEET_PREFIX}${fleet}` };
}

/** In the order of the reports; two with the same text are one. */
export function historyItemKey(device: string, { n, ahead }: ReportOrder, what: string): TableKey {
  const order = ahead === undefined ? padded(n) : `${padded(n)}+${padded(ahead)}`;
  return { pk: `device#${device}`, sk: `history#${order}#${what}` };
}

export const FILE_PREFIX = "file#";
export const FLEET_PREFIX = "fleet#";
export const HISTORY_PREFIX = "history#";

/** Where the item of a file stands in the indexes. */
export function fileIndexKeys(
  at: { key: string; device: string; state: DeliveryState; time: number },
  inTrouble: boolean,
): Record<string, string> {
  const { key, device, state, time } = at;
  const { byFile } = INDEXES;
  return {
    [byFile.partition]: filePartition(key, shardOf(device)),
    [byFile.sort]: `${state}#${padded(time)}#${device}`,
    ...(inTrouble
      ? {
          ...troubleIndexKeys(device, { state, time }),
        }
      : {}),
  };
}

/** Where the item of a device stands in the indexes. */
export function deviceIndexKeys(
  device: string,
  trouble: { state: DeviceState; time: number } | undefined,
): Record<string, string> {
  const { devices } = INDEXES;
  return {
    [devices.partition]: devicesPartition(shardOf(device)),
    [devices.sort]: device,
    ...(trouble === undefined ? {} : troubleIndexKeys(device, trouble)),
  };
}

/**
 * Where a device stands among those of a fleet: in `byFile`, under a name that no key has there. First those that have all that the manifest says, each part in the
 * order of serials: who is behind a serial, and who has exceptions, are ranges.
 */
export function fleetIndexKeys({
  fleet,
  device,
  serial,
  hasExceptions,
  time,
}: FleetEntry & { fleet: string }) {
  const { byFile } = INDEXES;
  const standing = hasExceptions ? "not" : "all";
  return {
    [byFile.partition]: fleetPartition(fleet, shardOf(device)),
    [byFile.sort]: `${standing}#${padded(serial)}#${padded(time)}#${device}`,
  };
}

/** A device of a fleet, by the keys that the index gives: the manifest that it brought itself to, and when that was heard. */
export type FleetEntry = { device: string; serial: number; hasExceptions: boolean; time: number };

/** Undefined if it is none of ours. */
export function readFleetEntry(
  entry: Readonly<Record<string, { S?: string | undefined }>>,
): FleetEntry | undefined {
  const text = entry[INDEXES.byFile.sort]?.S ?? "";
  const [, standing, serial, time, device] = /^(all|not)#(\d{16})#(\d{16})#(.+)$/s.exec(text) ?? [];
  if (device === undefined) return undefined;
  return { device, serial: Number(serial), hasExceptions: standing === "not", time: Number(time) };
}

function troubleIndexKeys(
  device: string,
  { state, time }: { state: DeliveryState | DeviceState; time: number },
): Record<string, string> {
  const { byTrouble } = INDEXES;
  return {
    [byTrouble.partition]: troublePartition(shardOf(device)),
    [byTrouble.sort]: `${padded(time)}#${state}#${device}`,
  };
}

export function filePartition(key: string, shard: number): string {
  return `file#${shard}#${key}`;
}

export function fleetPartition(fleet: string, shard: number): string {
  return `fleet#${shard}#${fleet}`;
}

export function troublePartition(shard: number): string {
  return `trouble#${shard}`;
}

export function devicesPartition(shard: number): string {
  return `devices#${shard}`;
}

export function shardOf(device: string): number {
  return crc32(device) % SHARDS;
}

/** Where an item stands, read back from the keys that an index gives. `path` is empty for the item of a device itself. */
export type IndexEntry = { device: string; path: string; state: string; at: number };

/** @param entry the attributes of an item of `byFile` or `byTrouble`; undefined if it is none of ours */
export function readIndexEntry(
  entry: Readonly<Record<string, { S?: string | undefined }>>,
): IndexEntry | undefined {
  const { byFile, byTrouble } = INDEXES;
  const device = /^device#(.+)$/s.exec(entry.pk?.S ?? "")?.[1];
  const path = entry.sk?.S === "device" ? "" : /^file#(.+)$/s.exec(entry.sk?.S ?? "")?.[1];
  const inFile = /^([a-z-]+)#(\d{16})#/.exec(entry[byFile.sort]?.S ?? "");
  const inTrouble = /^(\d{16})#([a-z-]+)#/.exec(entry[byTrouble.sort]?.S ?? "");
  const [state, time] = inFile === null ? [inTrouble?.[2], inTrouble?.[1]] : [inFile[1], inFile[2]];
  if (device === undefined || path === undefined || state === undefined || time === undefined)
    return undefined;
  return { device, path, state, at: Number(time) };
}

/** Sorts as the number does. */
function padded(number: number): string {
  return String(number).padStart(16, "0");
}
