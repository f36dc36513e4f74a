import { expect, test } from "vitest";
import { devicePlaces } from "../../../local/stack/device-places.ts";

test("the first device is where it always was, every other in a folder of its own", () => {
  const places = devicePlaces({ dataDir: "/data", deviceRoot: "/srv/app", devices: 12 });
  expect(places[0]).toEqual({
    ...{ number: 1, deviceUid: "dev:000000000000001", root: "/srv/app", logSource: "agent" },
    ...{ stateDir: "/data/agent-state", notecardFile: "/data/notecard.sqlite" },
  });
  expect(places[11]).toEqual({
    ...{ number: 12, deviceUid: "dev:000000000000012", root: "/data/device-12/files", logSource: "agent-12" },
    ...{ stateDir: "/data/device-12/agent-state", notecardFile: "/data/device-12/notecard.sqlite" },
  });
  for (const member of ["deviceUid", "root", "stateDir", "notecardFile", "logSource"] as const) {
    expect(new Set(places.map((place) => place[member])).size).toBe(12);
  }
});
