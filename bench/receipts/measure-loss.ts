import { createDynamoDbTable } from "../../functions/delivery-recorder/aws/dynamodb-table.ts";
import { createRecordReport } from "../../functions/delivery-recorder/record/record-report.ts";
import { formatInventory } from "../../protocol/inventory.ts";
import { type BenchTable, TABLE_NAME } from "./bench-table.ts";

const FILES = 1_200;
const DEVICE = "dev:864475099999999";

/** How long it takes to record that a device has lost all of its many files, which is one call of the recorder. */
export async function measureLoss({ client, used }: BenchTable): Promise<void> {
  const record = createRecordReport(createDynamoDbTable(client, TABLE_NAME));
  for (let n = 1; n <= FILES; n += 1) {
    const said = { sha256: "A".repeat(43), state: "installed" as const, bytes: 9000, requests: 2, n };
    await record({ kind: "receipt", device: DEVICE, at: n, receipt: { name: `app/${n}`, ...said } });
  }
  const inventory = formatInventory([], FILES + 1);
  const [began, requests] = [performance.now(), used.requests];
  await record({ kind: "inventory", device: DEVICE, at: FILES + 1, inventory });
  const ms = performance.now() - began;
  console.log(`${FILES} files lost: ${ms.toFixed(0)} ms, ${used.requests - requests} requests`);
}
