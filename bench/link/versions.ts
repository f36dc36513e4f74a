const RELEASE = /^(\d+)\.(\d+)\.(\d+)$/;

/** The last `count` releases up to `through`, in the order of their numbers; a release of an older line stands in its own. */
export function lastReleases(published: readonly string[], through: string, count: number): string[] {
  const releases = published.filter((version) => RELEASE.test(version)).toSorted(compareReleases);
  const end = releases.indexOf(through);
  if (end < 0) throw new Error(`${through} is not published`);
  return releases.slice(Math.max(0, end + 1 - count), end + 1);
}

function compareReleases(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  const at = left?.findIndex((number, index) => number !== right?.[index]) ?? -1;
  return at < 0 ? 0 : (left?.[at] ?? 0) - (right?.[at] ?? 0);
}
