import * as v from "valibot";
import { jsonObject } from "../../note/json-object.ts";
import type { HubDevice } from "../hub.ts";
import type { Fleet } from "../store/fleet-store.ts";
import {
  bodyOf,
  type Call,
  deviceOf,
  fleetOf,
  type Handler,
  isoDate,
  knownDevice,
  knownFleet,
  membersOf,
} from "./call.ts";

const settings = {
  label: v.optional(v.string()),
  connectivity_assurance: v.optional(v.nullable(jsonObject)),
  smart_rule: v.optional(v.string()),
  smart_rule_enabled: v.optional(v.boolean()),
};

const fleetInput = v.object(settings);

const fleetChange = v.object({
  ...settings,
  watchdog_mins: v.optional(v.pipe(v.number(), v.integer())),
  addDevices: v.optional(v.array(v.string()), []),
  removeDevices: v.optional(v.array(v.string()), []),
});

const fleetUids = v.object({ fleet_uids: v.array(v.string()) });

/** GetFleets. */
export const listFleets: Handler = (call) => fleets(call, call.hub.fleets.list());

/** CreateFleet. */
export const createFleet: Handler = (call) => {
  const { label = "", ...rest } = bodyOf(call, fleetInput);
  return { status: 201, json: shape(call, call.hub.fleets.add(label, rest, call.hub.now())) };
};

/** GetFleet. */
export const getFleet: Handler = (call) => ({ json: shape(call, fleetOf(call)) });

/** UpdateFleet. What cannot be done changes nothing. */
export const updateFleet: Handler = (call) => {
  const fleet = fleetOf(call);
  const { label = fleet.label, addDevices, removeDevices, ...rest } = bodyOf(call, fleetChange);
  const joining = addDevices.map((uid) => knownDevice(call, uid));
  const leaving = removeDevices.map((uid) => knownDevice(call, uid));
  const changed = { ...fleet, label, settings: { ...fleet.settings, ...rest } };
  call.hub.fleets.change(changed);
  for (const device of joining) join(call, device, fleet.uid);
  for (const device of leaving) leave(call, device, fleet.uid);
  return { json: shape(call, changed) };
};

/** DeleteFleet. */
export const deleteFleet: Handler = (call) => {
  const { uid } = fleetOf(call);
  for (const device of membersOf(call, uid)) leave(call, device, uid);
  call.hub.fleets.delete(uid);
  return { status: 204 };
};

/** GetDeviceFleets. */
export const listDeviceFleets: Handler = (call) => deviceFleets(call, deviceOf(call));

/** AddDeviceToFleets. */
export const addDeviceToFleets: Handler = (call) => {
  const device = deviceOf(call);
  const chosen = bodyOf(call, fleetUids).fleet_uids.map((uid) => knownFleet(call, uid));
  for (const { uid } of chosen) join(call, device, uid);
  return deviceFleets(call, device);
};

/** DeleteDeviceFromFleets. */
export const removeDeviceFromFleets: Handler = (call) => {
  const device = deviceOf(call);
  const chosen = bodyOf(call, fleetUids).fleet_uids.map((uid) => knownFleet(call, uid));
  for (const { uid } of chosen) leave(call, device, uid);
  return deviceFleets(call, device);
};

function join(call: Call, device: HubDevice, fleetUid: string) {
  call.hub.fleets.join(device.deviceUid, fleetUid);
  tellOfVariables(call, device);
}

function leave(call: Call, device: HubDevice, fleetUid: string) {
  call.hub.fleets.leave(device.deviceUid, fleetUid);
  tellOfVariables(call, device);
}

/** The variables of a fleet come and go with it, so the device's are newer now, even if the fleet's are old. */
function tellOfVariables({ hub }: Call, device: HubDevice) {
  hub.environment.touch(device.deviceUid, Math.floor(hub.now()));
  device.changes.emit(undefined);
}

function deviceFleets(call: Call, device: HubDevice) {
  return fleets(
    call,
    device.fleetUids().map((uid) => knownFleet(call, uid)),
  );
}

function fleets(call: Call, list: Fleet[]) {
  return { json: { fleets: list.map((fleet) => shape(call, fleet)) } };
}

function shape({ hub }: Call, { uid, label, created, settings }: Fleet) {
  const { variables } = hub.environment.get(uid);
  return { ...settings, uid, label, created: isoDate(created), environment_variables: variables };
}
