import * as v from "valibot";
import { OperatorError } from "../operator-error.ts";
import { ofThe } from "./not-there.ts";
import type { NotehubApi } from "./notehub-api.ts";

const PAGE_SIZE = 500;
/** Fleets are smaller; a list that goes on after these pages does not end. */
const MAX_PAGES = 500;

const Devices = v.object({
  devices: v.nullish(v.array(v.object({ uid: v.string() })), []),
  has_more: v.optional(v.boolean(), false),
});
const Fleets = v.object({ fleets: v.nullish(v.array(v.object({ uid: v.string() })), []) });

/** UIDs of all devices of a fleet. @throws {OperatorError} `not-found` if the project has no such fleet */
export async function fleetDevices(api: NotehubApi, fleet: string): Promise<string[]> {
  const uids = new Set<string>();
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const path = `/fleets/${encodeURIComponent(fleet)}/devices?pageSize=${PAGE_SIZE}&pageNum=${page}`;
    const { devices, has_more } = read(
      Devices,
      await ofThe("fleet", fleet, api, () => api.call("GET", path)),
    );
    for (const { uid } of devices ?? []) uids.add(uid);
    if (!has_more) return [...uids];
  }
  throw new OperatorError("fault", `Notehub's list of the devices of ${fleet} does not end`);
}

/** UIDs of the fleets that a device is in. @throws {OperatorError} `not-found` if the project has no such device */
export async function fleetsOf(api: NotehubApi, device: string): Promise<string[]> {
  const path = `/devices/${encodeURIComponent(device)}/fleets`;
  const { fleets } = read(Fleets, await ofThe("device", device, api, () => api.call("GET", path)));
  return (fleets ?? []).map(({ uid }) => uid);
}

/** UIDs of the fleets of the project. @throws {OperatorError} */
export async function projectFleets(api: NotehubApi): Promise<string[]> {
  const { fleets } = read(Fleets, await api.call("GET", "/fleets"));
  return (fleets ?? []).map(({ uid }) => uid);
}

function read<Schema extends v.GenericSchema>(schema: Schema, json: unknown): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  throw new OperatorError("fault", "Notehub's answer about fleets cannot be read");
}
