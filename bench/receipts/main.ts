import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startBenchTable } from "./bench-table.ts";
import { measureCost, measureManifests } from "./measure-cost.ts";
import { measureLoss } from "./measure-loss.ts";
import { measureQuestions } from "./measure-questions.ts";

// `npm run bench:receipts [-- <devices> <files>]`: what 1,000 receipts cost, how long it takes to record that a device lost many files, and how long each question of the operator takes
// with a table of so many devices and files, and how many items it reads for that.
const [devices = 5_000, files = 20] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(path.join(tmpdir(), "noteferry-receipts-"));
const world = await startBenchTable(folder);
try {
  await measureCost(world);
  await measureManifests(world);
  await measureLoss(world);
  await measureQuestions(world, { devices, files });
} finally {
  await world.close();
  rmSync(folder, { recursive: true });
}
