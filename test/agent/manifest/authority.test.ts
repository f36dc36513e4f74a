import { describe, expect, test } from "vitest";
import { type AskedFile, decide, type OtherWord } from "../../../agent/manifest/decide.ts";
import { overtakenNotes } from "../../../agent/manifest/overtaken.ts";
import type { ManifestFile } from "../../../protocol/manifest.ts";

const FLEET = "fleet:1";
const KEY = `fleets/${FLEET}/a`;
const [LOW, MIDDLE, HIGH] = ["BQ", "Bg", "Bw"];
const sha = (of: string) => of.padEnd(43, "A");
const NOBODY: OtherWord = {
  ...{ hasOwnKey: () => false, latestOf: () => undefined, installedAt: () => undefined },
};

function ask(seq: string | undefined, word: Partial<OtherWord> = {}, withdrawn = false): AskedFile[] {
  const file: ManifestFile = { path: "a", key: KEY, size: 1, sha256: sha("m"), version: "v1", seq };
  const manifest = { fleet: FLEET, serial: 1, prune: false, files: [file] };
  return decide([{ manifest, left: false, withdrawn }], "dev:1", { ...NOBODY, ...word });
}

const authorityOf = (...asking: Parameters<typeof ask>) => ask(...asking)[0]?.authority;

describe("at a manifest's path", () => {
  const latestOf = () => ({ seq: HIGH });

  const brought = (content: string, version?: string) => () => ({ name: KEY, sha256: sha(content), version });
  const byNote = { latestOf, installedAt: brought("other") };

  test("a Note of its key with a higher seq counts, unless it brought the same [NF-11.13]", () => {
    expect(authorityOf(LOW, byNote)).toBe("newer");
    expect(authorityOf(HIGH, byNote)).toBe("manifest");
    expect(authorityOf(LOW, { latestOf, installedAt: brought("m") })).toBe("manifest");
    expect(authorityOf(LOW, { latestOf })).toBe("manifest");
  });

  test("what a manifest brought does not outlast the next one, whatever its seq was [NF-11.10]", () => {
    expect(authorityOf(LOW, { latestOf, installedAt: brought("other", "v0") })).toBe("manifest");
  });

  test("where the order is not known, the manifest counts while its variable is there [NF-11.13]", () => {
    expect(authorityOf(undefined, byNote)).toBe("manifest");
    expect(authorityOf(undefined, byNote, true)).toBe("newer");
    expect(authorityOf(undefined, { installedAt: brought("other") }, true)).toBe("manifest");
  });
});

describe("a Note at a manifest's path", () => {
  const note = (name: string, seq: string | undefined) => ({
    id: "1",
    announcement: { name, size: 1, sha256: sha("n"), etag: "e", seq },
  });
  const isOvertaken = (
    name: string,
    seq: string | undefined,
    asked: readonly AskedFile[],
    hasOwnKey: (path: string) => boolean = () => false,
  ) => {
    const byPath = new Map(asked.map((file) => [file.path, file]));
    return overtakenNotes([note(name, seq)], byPath, { ...NOBODY, hasOwnKey }).length > 0;
  };

  test("counts with a higher seq, or with any once the variable is gone, if it is of the same key [NF-11.13]", () => {
    expect(isOvertaken(KEY, LOW, ask(MIDDLE))).toBe(true);
    expect(isOvertaken(KEY, HIGH, ask(MIDDLE))).toBe(false);
    expect(isOvertaken(KEY, HIGH, ask(undefined))).toBe(true);
    expect(isOvertaken(KEY, HIGH, ask(undefined, {}, true))).toBe(false);
    expect(isOvertaken("a", HIGH, ask(MIDDLE))).toBe(true);
  });

  test("does not take the place of a file that the device's own key has brought, named by a manifest or not [NF-11.10]", () => {
    const hasOwnKey = () => true;
    expect(isOvertaken(KEY, HIGH, [], hasOwnKey)).toBe(true);
    expect(isOvertaken("devices/dev:1/a", LOW, [], hasOwnKey)).toBe(false);
    expect(isOvertaken(KEY, HIGH, [])).toBe(false);
  });
});
