import { COUNTER_NAMES, type Counter, type Counts, countsOf } from "./counts.ts";

/** What was counted of one update of so many files of a fleet of so many devices. */
export type Point = { devices: number; files: number; counts: Counts };

/** `constant + perFile·files + perDevice·devices + perBoth·files·devices` */
export type Plane = { constant: number; perFile: number; perDevice: number; perBoth: number };

export type Fit = Readonly<Record<Counter, Plane>>;

/**
 * The planes through four corners: two numbers of devices, each with the same two numbers of files.
 *
 * @throws {Error} for points that are no such corners.
 */
export function fitPlanes(corners: readonly Point[]): Fit {
  const devices = [...new Set(corners.map((point) => point.devices))].sort((a, b) => a - b);
  const files = [...new Set(corners.map((point) => point.files))].sort((a, b) => a - b);
  const [d0, d1] = devices;
  const [f0, f1] = files;
  if (corners.length !== 4 || d0 === undefined || d1 === undefined || f0 === undefined || f1 === undefined) {
    throw new Error("a fit takes four corners: two numbers of devices, each with two of files");
  }
  const at = (d: number, f: number): Counts => {
    const found = corners.find((point) => point.devices === d && point.files === f);
    if (found === undefined) throw new Error(`a fit lacks its corner of ${d} devices and ${f} files`);
    return found.counts;
  };
  const [a, b, c, d] = [at(d0, f0), at(d0, f1), at(d1, f0), at(d1, f1)];
  const plane = (name: Counter): Plane => {
    const perBoth = (d[name] - c[name] - b[name] + a[name]) / ((d1 - d0) * (f1 - f0));
    const perFile = (b[name] - a[name]) / (f1 - f0) - perBoth * d0;
    const perDevice = (c[name] - a[name]) / (d1 - d0) - perBoth * f0;
    return {
      constant: a[name] - perFile * f0 - perDevice * d0 - perBoth * d0 * f0,
      ...{ perFile, perDevice, perBoth },
    };
  };
  const planes: Partial<Record<Counter, Plane>> = {};
  for (const name of COUNTER_NAMES) planes[name] = plane(name);
  return planes as Fit;
}

/** Never below 0: what a fit says far from its corners may be. */
export function predict(planes: Fit, devices: number, files: number): Counts {
  return countsOf((name) => {
    const { constant, perFile, perDevice, perBoth } = planes[name];
    return Math.max(0, constant + perFile * files + perDevice * devices + perBoth * files * devices);
  });
}

export type Miss = { counter: Counter; predicted: number; measured: number };

/** Where a fit is off at a point that it was not made of, the worst first; by half a request is not off. */
export function misses(planes: Fit, { devices, files, counts }: Point): Miss[] {
  const predicted = predict(planes, devices, files);
  return COUNTER_NAMES.map((counter) => ({
    ...{ counter, predicted: predicted[counter], measured: counts[counter] },
  }))
    .filter((miss) => Math.abs(miss.predicted - miss.measured) > 0.5)
    .sort((a, b) => relative(b) - relative(a));
}

/** Of what was measured. */
export function relative({ predicted, measured }: Miss): number {
  return Math.abs(predicted - measured) / Math.max(1, Math.abs(measured));
}
