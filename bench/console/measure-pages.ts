import type { Page } from "playwright-core";
import { startBrowser } from "./browser.ts";
import { startConsoleWorld } from "./console-world.ts";
import { deviceOf, fillTable, uploadVersions } from "./fleet.ts";

const BOUND_MS = 1_000;
const RUNS = 5;

/** Tells how long each page takes until its rows can be seen. @returns whether all of them keep the bound */
export async function measurePages({
  devices,
  files: fileCount,
}: {
  devices: number;
  files: number;
}): Promise<boolean> {
  await using started = new AsyncDisposableStack();
  const world = await startConsoleWorld(["--no-agent"]);
  started.defer(() => world.stop());
  const browser = await startBrowser();
  started.defer(() => browser.close());
  const files = Array.from({ length: fileCount }, (_, index) => `app/module-${index}.py`);
  const keyed = files.map((path) => ({ path, key: world.fleetKey(path) }));
  const contents = ["one", "two"].map((text) => (path: string) => `# ${path} ${text}\n`.repeat(200));
  const uploads = await uploadVersions(world.s3, world.bucket, keyed, contents);
  await fillTable(world.dynamodb, world.table, devices, uploads, Date.now());
  const page = await browser.newPage();
  const link = world.console.link();
  const { origin } = new URL(link);
  const key = encodeURIComponent(world.fleetKey(files[3] ?? ""));
  const pages: [string, string, string][] = [
    ["devices", "/", deviceOf(0)],
    ["devices whose UIDs begin so", `/?q=${deviceOf(7).slice(0, -1)}`, deviceOf(0)],
    ["a device", `/device?id=${deviceOf(1)}`, files[3] ?? ""],
    ["a file, its versions and who was told", `/file?key=${key}`, "version 1"],
    ["what needs attention", "/attention", "Reason"],
  ];
  let isKept = tell("first visit, by the link", [await measure(page, link, deviceOf(0))]);
  for (const [name, path, row] of pages) {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run += 1) times.push(await measure(page, `${origin}${path}`, row));
    isKept = tell(name, times) && isKept;
  }
  for (const fault of world.faults) console.error(fault);
  return isKept && world.faults.length === 0;
}

/** Milliseconds from the address to the first row. */
async function measure(page: Page, address: string, row: string): Promise<number> {
  await page.goto("about:blank");
  const began = performance.now();
  await page.goto(address, { waitUntil: "commit" });
  await page.getByText(row, { exact: true }).first().waitFor();
  return performance.now() - began;
}

function tell(name: string, times: number[]): boolean {
  times.sort((one, other) => one - other);
  const [best = 0, median = 0] = [times[0], times[times.length >> 1]];
  console.log(`${name}: ${median.toFixed(0)} ms, best ${best.toFixed(0)} ms (bound ${BOUND_MS})`);
  return median < BOUND_MS;
}
