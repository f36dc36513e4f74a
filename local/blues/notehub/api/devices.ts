import * as v from "valibot";
import { jsonObject } from "../../note/json-object.ts";
import type { Hub, HubDevice } from "../hub.ts";
import { bodyOf, type Call, deviceOf, fleetOf, type Handler, membersOf, page, pageOf } from "./call.ts";

/** GetDevices. */
export const listDevices: Handler = (call) => devices(call, [...call.hub.devices.values()]);

/** GetFleetDevices. */
export const listFleetDevices: Handler = (call) => {
  return devices(call, membersOf(call, fleetOf(call).uid));
};

/** GetDevice. */
export const getDevice: Handler = (call) => ({ json: shape(call.hub, deviceOf(call)) });

const signalInput = v.object({ body: jsonObject });

/** SignalDevice: reaches a connected device only, and is not kept for another. */
export const signalDevice: Handler = (call) => {
  const { signals } = deviceOf(call);
  const { body } = bodyOf(call, signalInput);
  const taken = [...signals].map((deliver) => deliver(body));
  return { json: { connected: taken.includes(true) } };
};

// The stand-in was never provisioned; the OpenAPI document requires a date all the same.
const EPOCH = new Date(0).toISOString();

function devices(call: Call, all: HubDevice[]) {
  const only = call.query.getAll("deviceUID");
  const chosen = only.length === 0 ? all : all.filter(({ deviceUid }) => only.includes(deviceUid));
  const { items, has_more } = page(chosen, pageOf(call));
  return { json: { devices: items.map((device) => shape(call.hub, device)), has_more } };
}

function shape(hub: Hub, { deviceUid, fleetUids }: HubDevice) {
  return {
    uid: deviceUid,
    product_uid: hub.options.productUid,
    fleet_uids: fleetUids(),
    provisioned: EPOCH,
    voltage: 0,
    temperature: 0,
  };
}
