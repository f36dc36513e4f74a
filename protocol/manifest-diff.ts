import type { ManifestFile } from "./manifest.ts";

/** What leads from one list of files to another. */
export type ManifestDiff = {
  /** What is new, or has another version. */
  changed: ManifestFile[];
  /** What is not there any more. */
  left: ManifestFile[];
};

/** The versions that differ; what is said besides of a version changes nothing on a device, but for its share and what that holds back. */
export function diffFiles(before: readonly ManifestFile[], after: readonly ManifestFile[]): ManifestDiff {
  const old = new Map(before.map((file) => [file.path, file]));
  const paths = new Set(after.map(({ path }) => path));
  return {
    changed: after.filter((file) => {
      const was = old.get(file.path);
      return was === undefined || meaningOf(was) !== meaningOf(file);
    }),
    left: before.filter(({ path }) => !paths.has(path)),
  };
}

function meaningOf({ key, sha256, version, share, previous }: ManifestFile): string {
  return JSON.stringify([
    key,
    sha256,
    version,
    share ?? null,
    previous?.sha256 ?? null,
    previous?.version ?? null,
  ]);
}
