import fc from "fast-check";
import { expect, test } from "vitest";
import { countsOf } from "../../../bench/cost/counts.ts";
import { fitPlanes, misses, type Plane, type Point, predict } from "../../../bench/cost/fit.ts";

const pointOf = (devices: number, files: number, of: (devices: number, files: number) => number): Point => ({
  ...{ devices, files, counts: countsOf(() => of(devices, files)) },
});

const corners = (of: (devices: number, files: number) => number) =>
  [2, 5].flatMap((devices) => [3, 7].map((files) => pointOf(devices, files, of)));

test("a plane is found again from its corners, whatever it is, and holds anywhere", () => {
  const whole = fc.nat(100);
  const plane = fc.record({ constant: whole, perFile: whole, perDevice: whole, perBoth: whole });
  fc.assert(
    fc.property(plane, fc.nat(5_000), fc.nat(2_000), (wanted: Plane, devices, files) => {
      const of = (d: number, f: number) =>
        wanted.constant + wanted.perFile * f + wanted.perDevice * d + wanted.perBoth * f * d;
      const fit = fitPlanes(corners(of));
      expect(fit.s3Writes).toEqual(wanted);
      expect(predict(fit, devices, files).s3Reads).toBe(of(devices, files));
      expect(misses(fit, pointOf(2, 2, of))).toEqual([]);
    }),
  );
});

test("what falls with the devices is not below nothing far away", () => {
  expect(predict(fitPlanes(corners((devices) => 10 - devices)), 1000, 30).s3Writes).toBe(0);
});

test("a point beside the plane is told, the worst first, and half a request is none", () => {
  const fit = fitPlanes(corners((devices, files) => devices * files));
  const counts = { ...countsOf(() => 4), s3Reads: 5, linkBytes: 40, s3Writes: 4.5 };
  expect(misses(fit, { devices: 2, files: 2, counts })).toEqual([
    { counter: "linkBytes", predicted: 4, measured: 40 },
    { counter: "s3Reads", predicted: 4, measured: 5 },
  ]);
});

test.each([
  ["three points", [pointOf(1, 1, () => 1), pointOf(1, 5, () => 1), pointOf(3, 1, () => 1)]],
  ["five points", [...corners(() => 1), pointOf(9, 7, () => 1)]],
  [
    "a corner twice",
    [pointOf(1, 1, () => 1), pointOf(1, 5, () => 1), pointOf(3, 1, () => 1), pointOf(3, 1, () => 1)],
  ],
  [
    "a third number of files",
    [pointOf(1, 1, () => 1), pointOf(1, 5, () => 1), pointOf(3, 1, () => 1), pointOf(3, 4, () => 1)],
  ],
])("%s are no corners", (_what, points) => {
  expect(() => fitPlanes(points)).toThrow(/corner/);
});
