import type { ConditionalPut, Device, Item, Revised } from "../../protocol/delivery-items.ts";
import type { Delivery } from "../../protocol/delivery-state.ts";

/** The delivery table. What is not there yet is undefined; every read sees all writes before it. */
export type DeliveryTable = {
  device(device: string): Promise<Revised<Device> | undefined>;
  file(device: string, path: string): Promise<Revised<Delivery> | undefined>;
  /** All files of a device. */
  files(device: string): Promise<Revised<Delivery>[]>;
  /** False if somebody else wrote first. */
  putOver(put: ConditionalPut): Promise<boolean>;
  put(item: Item): Promise<void>;
};
