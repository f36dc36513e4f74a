import * as v from "valibot";
import { jsonObject } from "../../note/json-object.ts";
import type { Hub, HubDevice } from "../hub.ts";
import type { Fleet } from "../store/fleet-store.ts";
import { ApiError } from "./api-error.ts";

/** One call of the API, authenticated and with its path parsed. */
export type Call = {
  hub: Hub;
  /** The parts of the path that its pattern names, decoded. */
  params: Record<string, string>;
  query: URLSearchParams;
  /** The JSON of the request; undefined if it has none. */
  body: unknown;
};

/** What a call answers: JSON, 200 unless it says otherwise. */
export type Reply = { status?: number; json?: unknown };

export type Handler = (call: Call) => Reply;

/** The device that the path names. */
export function deviceOf(call: Call): HubDevice {
  return knownDevice(call, call.params.deviceUID ?? "");
}

export function knownDevice({ hub }: Call, uid: string): HubDevice {
  const device = hub.devices.get(uid);
  if (device === undefined) throw new ApiError(404, `device ${uid} not found {device-noexist}`);
  return device;
}

/** The fleet that the path names. */
export function fleetOf(call: Call): Fleet {
  return knownFleet(call, call.params.fleetUID ?? "");
}

export function knownFleet({ hub }: Call, uid: string): Fleet {
  const fleet = hub.fleets.get(uid);
  if (fleet === undefined) throw new ApiError(404, `fleet ${uid} not found {fleet-noexist}`);
  return fleet;
}

/** The devices that are in a fleet. */
export function membersOf({ hub }: Call, fleetUid: string): HubDevice[] {
  return [...hub.devices.values()].filter((device) => device.fleetUids().includes(fleetUid));
}

/** The body of the call, as its schema has it. */
export function bodyOf<const Schema extends v.GenericSchema>(
  call: Call,
  schema: Schema,
): v.InferOutput<Schema> {
  // An array passes for an object without required members.
  const object = v.is(jsonObject, call.body) ? call.body : undefined;
  const parsed = v.safeParse(schema, object);
  if (!parsed.success) throw new ApiError(400, `request body: ${parsed.issues[0].message} {syntax}`);
  return parsed.output;
}

/** `pageSize` and `pageNum` of a paged list. */
export function pageOf({ query }: Call): { offset: number; limit: number } {
  const limit = integer(query, "pageSize", 50, 10_000);
  return { limit, offset: (integer(query, "pageNum", 1, 1_000_000) - 1) * limit };
}

/** Everything after `offset`, at most `limit`, and whether there is more. */
export function page<T>(items: T[], { offset, limit }: { offset: number; limit: number }) {
  return { items: items.slice(offset, offset + limit), has_more: items.length > offset + limit };
}

/** A whole number from 1, in the query. */
export function integer(query: URLSearchParams, name: string, byDefault: number, max: number): number {
  const text = query.get(name);
  if (text === null) return byDefault;
  const value = Number(text);
  if (!/^[0-9]{1,9}$/.test(text) || value < 1 || value > max) {
    throw new ApiError(400, `${name} must be a number from 1 to ${max} {syntax}`);
  }
  return value;
}

/** `startDate` and `endDate`, in epoch seconds; all times if they are absent. */
export function datesOf({ query }: Call): { from: number; to: number } {
  const date = (name: string, byDefault: number) => {
    const text = query.get(name);
    if (text === null) return byDefault;
    if (!/^[0-9]{1,12}$/.test(text)) throw new ApiError(400, `${name} must be in epoch seconds {syntax}`);
    return Number(text);
  };
  return { from: date("startDate", 0), to: date("endDate", Number.MAX_SAFE_INTEGER) };
}

/** Epoch seconds as the API writes dates. */
export const isoDate = (seconds: number) => new Date(seconds * 1000).toISOString();
