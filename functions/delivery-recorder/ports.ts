import type { ConditionalPut, Item, Revised, Said } from "../../protocol/delivery-items.ts";
import type { Delivery } from "../../protocol/delivery-state.ts";
import type { DeviceManifest } from "../../protocol/device-manifest.ts";
import type { Device } from "../../protocol/known-device.ts";

/** The delivery table. What is not there yet is undefined; every read sees all writes before it. */
export type DeliveryTable = {
  device(device: string): Promise<Revised<Device> | undefined>;
  file(device: string, path: string): Promise<Revised<Delivery> | undefined>;
  /** All files of a device. */
  files(device: string): Promise<Revised<Delivery>[]>;
  manifest(device: string, fleet: string): Promise<Revised<DeviceManifest> | undefined>;
  /** Of all fleets of a device. */
  manifests(device: string): Promise<Revised<DeviceManifest>[]>;
  /** What a device said in the last 90 days at least, in any order. */
  history(device: string): Promise<Said[]>;
  /** False if somebody else wrote first. */
  putOver(put: ConditionalPut): Promise<boolean>;
  put(item: Item): Promise<void>;
};
