import { expect, test } from "vitest";
import { deviceRows } from "../../../../operator/cli/status/device-rows.ts";
import { deviceView } from "../../../../operator/cloud/device-view.ts";
import type { InventoryCheck } from "../../../../protocol/known-device.ts";

const total = { state: "inventory" as const, n: 7, count: 300, digest: "D".repeat(43), at: 2000 };
const known = (verdict: InventoryCheck["verdict"], n = 7) => ({
  device: { device: "dev:1", total, check: { n, verdict, known: 298 } },
  files: [],
  manifests: [],
});

test("a device that has other files than are known is shown with both counts, and what to do", () => {
  expect(deviceRows(known("differs"))).toEqual([
    [
      "differs",
      "",
      "it has 300 files, not the 298 that are known: noteferry resend dev:1",
      "",
      "1970-01-01T00:00:02.000Z",
    ],
  ]);
});

test.each(["agrees", "outdated", "unknown"] as const)(
  "a device is not in trouble if its inventory is %s, and programs see that",
  (verdict) => {
    expect(deviceRows(known(verdict))).toEqual([]);
    expect(deviceView(known(verdict)).total).toEqual({
      verdict,
      count: 300,
      known: 298,
      at: "1970-01-01T00:00:02.000Z",
    });
  },
);

test("nothing is said of an inventory that was not compared yet", () => {
  expect(deviceView(known("agrees", 6)).total).toBeUndefined();
});
