import { createDynamoDbTable } from "../../functions/delivery-recorder/aws/dynamodb-table.ts";
import { createRecordReport } from "../../functions/delivery-recorder/record/record-report.ts";
import { formatInventory } from "../../protocol/inventory.ts";
import { formatManifestReceipt } from "../../protocol/manifest-receipt.ts";
import { type BenchTable, TABLE_NAME, type Used } from "./bench-table.ts";

const RECEIPTS = 1_000;
const DEVICES = 50;
/** Files of which each device has a row: its inventory lists them. */
const LISTED = 30;
/** Dollars for a million units, on demand, us-east-1. https://aws.amazon.com/dynamodb/pricing/on-demand/ */
const DOLLARS = { readUnits: 0.125, writeUnits: 0.625 };

/** What 1,000 receipts cost: of a hundred devices, ten files each, of which each device heard twice. */
export async function measureCost(world: BenchTable): Promise<void> {
  const record = createRecordReport(createDynamoDbTable(world.client, TABLE_NAME));
  const before = { ...world.used };
  for (let at = 0; at < RECEIPTS; at += 1) {
    const n = 1_700_000_000 + at;
    const device = `dev:8644750465${String(at % DEVICES).padStart(5, "0")}`;
    const name = `app/module-${Math.floor(at / DEVICES) % 10}.py`;
    const sha256 = String(Math.floor(at / 500)).repeat(43);
    const receipt = { name, sha256, state: "installed" as const, bytes: 9000, requests: 2, n };
    await record({ kind: "receipt", device, at: n * 1000, receipt });
  }
  tell(`${RECEIPTS} receipts`, before, world.used);
}

/** What as many receipts of manifests cost, of devices that have rows of files. */
export async function measureManifests(world: BenchTable): Promise<void> {
  const record = createRecordReport(createDynamoDbTable(world.client, TABLE_NAME));
  const files = Array.from({ length: LISTED }, (_, at) => ({
    path: `app/m-${at}.py`,
    sha256: "A".repeat(43),
  }));
  const deviceOf = (at: number) => `dev:8644750466${String(at % DEVICES).padStart(5, "0")}`;
  for (let at = 0; at < DEVICES; at += 1)
    await record({ kind: "inventory", device: deviceOf(at), at: 1, inventory: formatInventory(files, 1) });
  const before = { ...world.used };
  for (let at = 0; at < RECEIPTS; at += 1) {
    const n = 1_700_000_000 + at;
    const counts = { installed: LISTED, unchanged: 0, removed: 0, bytes: 9000, requests: 1 };
    const said = formatManifestReceipt(
      { fleet: "fleet:a", serial: 1 + Math.floor(at / DEVICES), ...counts },
      [],
      [],
    );
    await record({ kind: "manifest", device: deviceOf(at), at: n * 1000, manifest: { ...said, n } });
  }
  tell(`${RECEIPTS} receipts of manifests, of devices with ${LISTED} files`, before, world.used);
}

function tell(what: string, before: Used, after: Used): void {
  const [reads, writes] = [after.readUnits - before.readUnits, after.writeUnits - before.writeUnits];
  const dollars = (reads * DOLLARS.readUnits + writes * DOLLARS.writeUnits) / 1_000_000;
  console.log(
    `${what}: ${after.requests - before.requests} requests, ${reads} read units, ${writes} write units: $${dollars.toFixed(4)}`,
  );
}
