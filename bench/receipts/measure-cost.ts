import { createDynamoDbTable } from "../../functions/delivery-recorder/aws/dynamodb-table.ts";
import { createRecordReport } from "../../functions/delivery-recorder/record/record-report.ts";
import { type BenchTable, TABLE_NAME } from "./bench-table.ts";

const RECEIPTS = 1_000;
/** Dollars for a million units, on demand, us-east-1. https://aws.amazon.com/dynamodb/pricing/on-demand/ */
const DOLLARS = { readUnits: 0.125, writeUnits: 0.625 };

/** What 1,000 receipts cost: of a hundred devices, ten files each, of which each device heard twice. */
export async function measureCost({ client, used }: BenchTable): Promise<void> {
  const record = createRecordReport(createDynamoDbTable(client, TABLE_NAME));
  const before = { ...used };
  for (let at = 0; at < RECEIPTS; at += 1) {
    const n = 1_700_000_000 + at;
    const device = `dev:8644750465${String(at % 50).padStart(5, "0")}`;
    const name = `app/module-${Math.floor(at / 50) % 10}.py`;
    const sha256 = String(Math.floor(at / 500)).repeat(43);
    const receipt = { name, sha256, state: "installed" as const, bytes: 9000, requests: 2, n };
    await record({ kind: "receipt", device, at: n * 1000, receipt });
  }
  const [reads, writes] = [used.readUnits - before.readUnits, used.writeUnits - before.writeUnits];
  const dollars = (reads * DOLLARS.readUnits + writes * DOLLARS.writeUnits) / 1_000_000;
  console.log(
    `${RECEIPTS} receipts: ${used.requests - before.requests} requests, ${reads} read units, ${writes} write units: $${dollars.toFixed(4)}`,
  );
}
