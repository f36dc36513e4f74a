import { expect, test } from "vitest";
import { fleetDeviceRow } from "../../../../operator/cli/status/fleet-rows.ts";

test("what is the same of many files is said once, in the words of status", () => {
  const exceptions = [
    { path: "a", state: "failed", reason: "run" },
    { path: "b", state: "unchanged", reason: "own-key" },
    { path: "c", state: "failed", reason: "run" },
    { path: "d", state: "waiting", reason: "" },
  ];
  const view = {
    device: "dev:1",
    stage: "exceptions",
    serial: 7,
    lacks: undefined,
    orMore: undefined,
  } as const;
  expect(fleetDeviceRow({ ...view, since: "now", exceptions, more: 4 })).toEqual([
    ...["dev:1", "exceptions", "7"],
    "2 rolled-back (run): a, c; b: overruled (own-key); d: waiting; 4 more",
    "now",
  ]);
});
