import { afterAll, beforeAll, expect, test } from "vitest";
import { createRecordReport } from "../../../../functions/delivery-recorder/record/record-report.ts";
import { fileItem } from "../../../../protocol/delivery-items.ts";
import { type Services, startServices } from "../../support/services.ts";

const KEY = "app/main.py";
const SHA256 = "A".repeat(43);
const AN_HOUR = 3_600_000;
const now = Date.now();

let services: Services;
/** Four devices took it back, one after the other; one was told an hour ago, two before yesterday. */
beforeAll(async () => {
  services = await startServices({ table: true });
  const record = createRecordReport(services.table);
  for (const [index, hours] of [9, 9, 9, 9, 1, 50, 60].entries()) {
    const device = `dev:${index}`;
    const at = now - hours * AN_HOUR + index;
    const announced = { key: KEY, sha256: SHA256, etag: "e", versionId: "v", size: 1, at };
    await services.table.putOver(
      fileItem({ value: { device, path: KEY, announced }, revision: 0 }, undefined),
    );
    if (index > 3) continue;
    const receipt = {
      name: KEY,
      sha256: SHA256,
      state: "failed" as const,
      reason: "run",
      bytes: 1,
      requests: 1,
    };
    for (const n of [1, 2, 3])
      await record({ kind: "receipt", device, at, receipt: { ...receipt, n: at + n } });
  }
}, 60_000);
afterAll(() => services.stop());

test("a list that is cut says so, on a terminal and off it", async () => {
  for (const terminal of [false, true]) {
    const run = await services.cli(["status", "--limit", "3"], { terminal });
    expect(run.out.match(/rolled-back/g)).toHaveLength(3);
    expect(run.err).toBe(
      "and more: these are the newest 3, --limit shows more, and noteferry status <fleet> a line for each device\n",
    );
  }
  expect((await services.cli(["status", "--limit", "4"])).err).toBe("");
  expect((await services.cli(["status", KEY, "--limit", "3"])).err).toMatch(
    /^and 4 more: --limit shows them; /,
  );
  const said = await services.cli(["events", "dev:0", "--limit", "2"]);
  expect(said.out.match(/\trolled-back\tapp\/main\.py\trun\n/g)).toHaveLength(2);
  expect(said.err).toBe("and more: these are the newest 2, --limit shows more\n");
});

test("what a device said keeps the device's words for programs", async () => {
  const { json, err } = await services.json(["events", "dev:0"]);
  expect(json.events).toMatchObject(Array(3).fill({ state: "failed", reason: "run" }));
  expect(err).toBe("");
});

test("who has not answered for more than a day is told, with the file, the device or the fleet", async () => {
  const since = new Date(now - 60 * AN_HOUR + 6).toISOString();
  expect((await services.cli(["status", KEY])).err).toBe(
    `2 devices have not answered for more than a day, the first since ${since}: look in Notehub when it was last seen\n`,
  );
  expect((await services.cli(["status", "dev:6"])).err).toBe(
    `1 device has not answered for more than a day, since ${since}: look in Notehub when it was last seen\n`,
  );
  expect((await services.cli(["status", "dev:4"])).err).toBe("");
});
