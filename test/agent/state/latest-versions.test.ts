import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { openLatestVersions, readLatestVersions } from "../../../agent/state/latest-versions.ts";
import { compareSeqs, formatSeq } from "../../../protocol/seq.ts";

async function temporaryFile(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-latest-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return path.join(folder, "latest.json");
}

const settled = (name: string, seq: string | undefined, change = {}) => ({
  ...{ name, seq, again: undefined, gone: false },
  ...change,
});

describe("how far a name has come", () => {
  test("only grows, whatever comes in whatever order, and outlives the agent [NF-2.5]", async () => {
    const file = await temporaryFile();
    const seqs = fc.array(fc.stringMatching(/^[0-9a-f]{18}$/), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(seqs, async (sequencers) => {
        await rm(file, { force: true });
        const latest = await openLatestVersions(file);
        for (const sequencer of sequencers) await latest.raise([settled("a", formatSeq(sequencer))]);
        const highest = sequencers.map(formatSeq).toSorted(compareSeqs).at(-1);
        expect(latest.get("a")?.seq).toBe(highest);
        expect((await openLatestVersions(file)).get("a")?.seq).toBe(highest);
      }),
      { numRuns: 30 },
    );
  });

  test("remembers the last request to do a version again, for every name alike [NF-2.7]", async () => {
    const file = await temporaryFile();
    const latest = await openLatestVersions(file);
    await latest.raise([settled("constructor", undefined, { again: 2 })]);
    await latest.raise([settled("constructor", "AAAA", { again: 1 })]);
    expect((await readLatestVersions(file)).get("constructor")).toEqual({
      seq: "AAAA",
      again: 2,
      unordered: true,
    });
  });

  test("forgets a deletion once the key is there again [NF-2.6]", async () => {
    const latest = await openLatestVersions(await temporaryFile());
    await latest.raise([settled("a", "AAAB", { gone: true })]);
    await latest.raise([settled("a", "AAAA")]);
    expect(latest.get("a")).toEqual({ seq: "AAAB", gone: true });
    await latest.raise([settled("a", "AAAC")]);
    expect(latest.get("a")).toEqual({ seq: "AAAC" });
  });

  test("knows that a key is there again once the server gave a version that was announced without seq [NF-2.6]", async () => {
    const latest = await openLatestVersions(await temporaryFile());
    await latest.raise([settled("a", "AAAB", { gone: true })]);
    await latest.raise([settled("a", undefined)]);
    expect(latest.get("a")?.gone).toBe(true); // it may be an old Note, whose content is still there
    await latest.raise([settled("a", undefined, { served: true })]);
    expect(latest.get("a")).toEqual({ seq: "AAAB", unordered: true });
    await latest.raise([settled("a", "AAAC", { gone: true })]);
    expect(latest.get("a")?.gone).toBe(true);
  });

  test("is never known in full after a version without seq", async () => {
    const latest = await openLatestVersions(await temporaryFile());
    await latest.raise([settled("a", "AAAB"), settled("a", undefined)]);
    expect(latest.get("a")).toEqual({ seq: "AAAB", unordered: true });
    await latest.raise([settled("a", "AAAB")]);
    expect(latest.get("a")).toEqual({ seq: "AAAB", unordered: true });
    await latest.raise([settled("a", "AAAC")]); // which may have been settled without a word of the server
    expect(latest.get("a")).toEqual({ seq: "AAAC", unordered: true });
  });

  test("is written only where it changes, and not believed before it is written", async () => {
    const file = await temporaryFile();
    const latest = await openLatestVersions(path.join(file, "..", "none", "latest.json"));
    await expect(latest.raise([settled("a", "AAAB")])).rejects.toThrow("ENOENT");
    expect(latest.get("a")).toBeUndefined();
    const other = await openLatestVersions(file);
    await other.raise([settled("a", "AAAB")]);
    const before = await readFile(file, "utf8");
    await chmod(file, 0o400);
    await rm(file);
    await other.raise([settled("a", "AAAA"), settled("a", "AAAB")]);
    await expect(readFile(file, "utf8")).rejects.toThrow("ENOENT");
    expect(before).toContain("AAAB");
  });
});
