import { expect, test } from "vitest";
import type { SharePlan } from "../../../../operator/console/api.ts";
import { devicesAt, shareSentences } from "../../../../operator/console/page/share/share-words.ts";

/** Of 200 devices two are in for each percent. */
const plan: SharePlan = {
  ...{ key: "k", fleet: "fleet:a", versionId: "v", n: 2, bytes: 1000, packed: 100, percent: 50 },
  devices: { in: 101, at: Array.from({ length: 101 }, (_, percent) => percent * 2) },
  hasBefore: true,
};
const { devices: _unknown, ...without } = plan;
const told = (at: SharePlan, percent: number) => shareSentences(at, percent).join(" ");

test("a share is said in devices: what it is now as it was counted, which may be between two whole percents", () => {
  expect(devicesAt(plan, 10)).toBe("20 of 200 devices");
  expect(devicesAt(plan, 50)).toBe("101 of 200 devices");
  expect(devicesAt(without, 10)).toBe("an unknown number of devices");
});

test.each<[string, SharePlan, number, RegExp]>([
  ["what it is already", plan, 50, /^That is its share now: nothing would happen\.$/],
  ["more", plan, 60, /^19 more devices are told of it\. .*at most 100 bytes for a device, 1\.9 KB in all/],
  ["more", plan, 60, /The other 80 have, or keep, the last version .* Who is in stays in/],
  [
    "one more",
    { ...plan, devices: { in: 19, at: plan.devices?.at ?? [] }, percent: 9 },
    10,
    /^1 more device is told/,
  ],
  [
    "all",
    plan,
    100,
    /^99 more devices .* a smaller share would take nothing back any more, but a rollback does\.$/,
  ],
  ["fewer", plan, 40, /^21 devices go back to the last version that was for all/],
  [
    "fewer, of the first version",
    { ...plan, hasBefore: false },
    40,
    /^Who leaves the share keeps what it has/,
  ],
  ["a part, after it was for all", { ...plan, percent: 100 }, 40, /^It was for all: who has it keeps it\./],
  [
    "more, where Notehub does not say who there is",
    without,
    60,
    /^More devices are told .*The others have, or keep,/,
  ],
  ["fewer, where it does not", without, 40, /^Those who leave the share go back/],
])("%s", (_what, of, percent, sentences) => {
  expect(told(of, percent)).toMatch(sentences);
});
