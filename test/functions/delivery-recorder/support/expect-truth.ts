import { expect } from "vitest";
import type { DeliveryTable } from "../../../../functions/delivery-recorder/ports.ts";
import { stateOf } from "../../../../protocol/delivery-state.ts";
import { shortSha256 } from "../../../../protocol/inventory.ts";
import { placedIn } from "../../../../protocol/placed.ts";
import { type Life, PATHS } from "./model-device.ts";

export async function whatTheTableSays(table: DeliveryTable, uid: string) {
  const inventory = (await table.device(uid))?.value.inventory;
  const files = await table.files(uid);
  const entries = files.map(({ value }) => {
    const placed = placedIn(value, inventory);
    const { sha256 } = placed ?? {};
    return [
      value.path,
      { sha256, isPlaced: placed !== undefined, state: stateOf(value, inventory), reported: value.reported },
    ] as const;
  });
  return new Map(entries);
}

/** What is shown is so, or the device is shown as one that has something else. */
export async function expectTruth(
  table: DeliveryTable,
  uid: string,
  { reports, files, verdict, provable }: Life,
): Promise<void> {
  const said = await whatTheTableSays(table, uid);
  const device = await table.device(uid);
  const found = device?.value.check?.verdict;
  expect(provable ? [verdict, "agrees"] : [verdict]).toContain(found);
  for (const path of PATHS) {
    const shown = said.get(path);
    const last = reports.findLast((each) => each.kind === "receipt" && each.receipt.name === path);
    const order = last?.kind === "receipt" ? [last.receipt.n, last.receipt.ahead] : [undefined, undefined];
    expect([shown?.reported?.n, shown?.reported?.ahead]).toEqual(order);
    if (found === "differs" || found === "unknown") continue;
    if (found === "outdated" && shown?.sha256 === undefined && shown?.isPlaced !== true) continue; // nothing is said of it
    const short = (sha256: string | undefined) => (sha256 === undefined ? undefined : shortSha256(sha256));
    expect(short(shown?.sha256), path).toBe(short(files.get(path)));
  }
}
