import * as v from "valibot";
import { withheldIn } from "./announced.ts";
import { Delivery, judge } from "./delivery-state.ts";
import {
  deviceIndexKeys,
  deviceItemKey,
  fileIndexKeys,
  fileItemKey,
  fleetIndexKeys,
  fleetItemKey,
  HISTORY_SECONDS,
  historyItemKey,
  type TableKey,
} from "./delivery-table.ts";
import { countExceptions, DeviceManifest } from "./device-manifest.ts";
import { Inventory } from "./inventory.ts";
import { Device, stateOfDevice } from "./known-device.ts";
import { ManifestReceipt } from "./manifest-receipt.ts";
import type { KnownInventory } from "./placed.ts";
import { Receipt } from "./receipt.ts";
import { REPORT_ORDER } from "./report-order.ts";
import { isDeviceUid } from "./target.ts";
import { isForgotten, isTrouble } from "./wanted.ts";

/** A value in DynamoDB's own JSON. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html */
export type AttributeValue = { S: string } | { N: string };
export type Item = Record<string, AttributeValue>;
/** As a table gives it back, with whatever else is in it. */
export type StoredItem = Readonly<Record<string, { S?: string | undefined; N?: string | undefined }>>;

/** A write that only goes through over the very item that was read, so that no report is lost to another's write. */
export type ConditionalPut = {
  Item: Item;
  ConditionExpression: string;
  ExpressionAttributeValues?: Item;
};

/** An item, and which revision of it that is: 0 for one that is not there yet. */
export type Revised<T> = { value: T; revision: number };

export function fileItem(
  { value, revision }: Revised<Delivery>,
  inventory: KnownInventory | undefined,
): ConditionalPut {
  const { device, path, announced, unannounced, withdrawn, reported, over, placed, had } = value;
  const key = withheldIn(value)?.key ?? announced?.key ?? reported?.key;
  const { state, part } = judge(value, inventory);
  const time = part?.at ?? 0;
  // A fleet, or a group of things, has no file, its devices have: it stands in lists only where they could not even be told.
  const isShown = !isForgotten(value) && (state === "not-announced" || isDeviceUid(device));
  const index =
    isShown && key !== undefined ? fileIndexKeys({ key, device, state, time }, isTrouble(value, state)) : {};
  const doc = { device, path, announced, unannounced, withdrawn, reported, over, placed, had };
  return conditionalPut(fileItemKey(device, path), doc, index, revision);
}

export function deviceItem({ value, revision }: Revised<Device>): ConditionalPut {
  const { device, total } = value;
  const state = stateOfDevice(value);
  const trouble = state === undefined ? undefined : { state, time: total?.at ?? 0 };
  return conditionalPut(deviceItemKey(device), value, deviceIndexKeys(device, trouble), revision);
}

/** What a device said last of a fleet's manifest: found by the fleet, in the order of serials. */
export function fleetItem({ value, revision }: Revised<DeviceManifest>): ConditionalPut {
  const { device, said } = value;
  const { fleet, serial, at } = said;
  const hasExceptions = countExceptions(said) > 0;
  const index = fleetIndexKeys({ fleet, device, serial, hasExceptions, time: at });
  return conditionalPut(fleetItemKey(device, fleet), value, index, revision);
}

/** What a device said, for 90 days; the same report is the same item. */
export function historyItem(device: string, said: Said, at: number): Item {
  const about = "name" in said ? said.name : "fleet" in said ? said.fleet : undefined;
  const what = about === undefined ? said.state : `${said.state}#${about}`;
  return {
    ...texts(historyItemKey(device, { n: said.n ?? 0, ahead: said.ahead }, what)),
    doc: { S: JSON.stringify({ ...said, at }) },
    expires: { N: String(Math.ceil(at / 1000) + HISTORY_SECONDS) },
  };
}

const { ahead } = REPORT_ORDER;
export const Said = v.union([
  v.object({ ...Receipt.entries, ahead }),
  v.object({ ...Inventory.entries, ahead }),
  v.object({ ...ManifestReceipt.entries, ahead }),
]);
export type Said = v.InferOutput<typeof Said>;

/** @throws {TypeError} for an item that something else wrote. */
export function readFileItem(item: StoredItem): Revised<Delivery> {
  return { value: readDoc(Delivery, item), revision: revisionOf(item) };
}

/** @throws {TypeError} for an item that something else wrote. */
export function readDeviceItem(item: StoredItem): Revised<Device> {
  return { value: readDoc(Device, item), revision: revisionOf(item) };
}

/** @throws {TypeError} for an item that something else wrote. */
export function readFleetItem(item: StoredItem): Revised<DeviceManifest> {
  return { value: readDoc(DeviceManifest, item), revision: revisionOf(item) };
}

/** @throws {TypeError} for an item that something else wrote. */
export function readHistoryItem(item: StoredItem): Said {
  return readDoc(Said, item);
}

function conditionalPut(
  key: TableKey,
  doc: object,
  index: Record<string, string>,
  revision: number,
): ConditionalPut {
  const Item = {
    ...texts({ ...key, ...index }),
    doc: { S: JSON.stringify(doc) },
    revision: { N: String(revision + 1) },
  };
  return revision === 0
    ? { Item, ConditionExpression: "attribute_not_exists(pk)" }
    : {
        Item,
        ConditionExpression: "revision = :read",
        ExpressionAttributeValues: { ":read": { N: String(revision) } },
      };
}

function texts(attributes: Record<string, string>): Item {
  return Object.fromEntries(Object.entries(attributes).map(([name, text]) => [name, { S: text }]));
}

function readDoc<const Schema extends v.GenericSchema>(
  schema: Schema,
  { doc }: StoredItem,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), doc?.S);
  if (!parsed.success) throw new TypeError("an item of the delivery table is none of ours");
  return parsed.output;
}

function revisionOf({ revision }: StoredItem): number {
  return Number(revision?.N ?? 0);
}
