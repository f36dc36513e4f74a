import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { openInstalledFiles } from "../../../agent/state/installed-files.ts";
import { openPartialFiles } from "../../../agent/state/partial-files.ts";
import { openKeptPrograms } from "../../../agent/trial/kept-programs.ts";
import { openPreviousFiles } from "../../../agent/trial/previous-files.ts";
import { openTrials } from "../../../agent/trial/trials.ts";
import { announcementOf } from "../support/fake-card.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-state-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function collect(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(Buffer.from(piece)); // a piece holds until the next one
  return Buffer.concat(pieces);
}

describe("a download under way", () => {
  const bytes = patternedBytes(5000);
  const version = announcementOf("a.bin", bytes);

  async function begun(folder: string, chunks: Buffer[]) {
    const partials = await openPartialFiles(folder);
    const partial = await partials.open("a.bin", version);
    for (const chunk of chunks) await partial.append(chunk);
    await partial.close();
    const [name = ""] = await readdir(folder);
    return { partials, file: path.join(folder, name) };
  }

  test("keeps exactly its whole chunks, wherever it is cut off and whatever follows", async () => {
    const folder = await temporaryFolder();
    const chunks = [bytes.subarray(0, 1000), bytes.subarray(1000, 1001), bytes.subarray(1001, 4000)];
    const { partials, file } = await begun(folder, chunks);
    const whole = await readFile(file);
    const ends = [0, 1000, 1001, 4000];
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), fc.uint8Array({ maxLength: 40 }), async (cut, tail) => {
        await writeFile(file, whole.subarray(0, cut));
        await appendFile(file, cut === whole.length ? Buffer.alloc(tail.length) : tail);
        const partial = await partials.open("a.bin", version);
        const safe = partial.bytes();
        const content = await collect(partial.content());
        await partial.close();
        expect(ends).toContain(safe);
        expect(content.equals(bytes.subarray(0, safe))).toBe(true);
        if (cut === whole.length) expect(safe).toBe(4000);
      }),
      { numRuns: 60 },
    );
  });

  test("does not survive a flipped bit further than the chunk before it", async () => {
    const folder = await temporaryFolder();
    const { partials, file } = await begun(folder, [bytes.subarray(0, 1000), bytes.subarray(1000, 2000)]);
    const damaged = await readFile(file);
    damaged[damaged.length - 10] = (damaged.at(-10) ?? 0) ^ 1;
    await writeFile(file, damaged);
    const partial = await partials.open("a.bin", version);
    expect(partial.bytes()).toBe(1000);
    await partial.append(bytes.subarray(1000));
    expect(await collect(partial.content())).toEqual(bytes);
    await partial.close();
  });

  test("of another version begins anew, and one that is not wanted is dropped", async () => {
    const folder = await temporaryFolder();
    const { partials } = await begun(folder, [bytes.subarray(0, 1000)]);
    const other = await partials.open("a.bin", { ...version, etag: "other" });
    expect(other.bytes()).toBe(0);
    await other.close();
    await partials.keepOnly(["b.bin"]);
    expect(await readdir(folder)).toEqual([]);
  });

  test("that is a run of zeros, as a power loss can leave it, is nothing", async () => {
    const folder = await temporaryFolder();
    const { partials, file } = await begun(folder, [bytes.subarray(0, 1000)]);
    await truncate(file, 0);
    await writeFile(file, Buffer.alloc(4096));
    const partial = await partials.open("a.bin", version);
    expect(partial.bytes()).toBe(0);
    await partial.close();
  });
});

describe("the version before", () => {
  async function kept(contents: Record<string, string>) {
    const folder = await temporaryFolder();
    const previous = await openPreviousFiles(path.join(folder, "previous"));
    for (const [filePath, content] of Object.entries(contents)) {
      const source = path.join(folder, filePath);
      await writeFile(source, content);
      await previous.keep(filePath, source);
    }
    const read = async (filePath: string) => {
      const place = await previous.find(filePath);
      return place === undefined ? undefined : readFile(place, "utf8");
    };
    return { folder, previous, read };
  }

  test("is kept for each path, the last one", async () => {
    const { folder, previous, read } = await kept({ a: "one", b: "two" });
    await writeFile(path.join(folder, "other"), "three");
    await previous.keep("a", path.join(folder, "other"));
    await previous.keep("a", path.join(folder, "other")); // the same file, once more
    expect([await read("a"), await read("b"), await read("c")]).toEqual(["three", "two", undefined]);
    expect(await readdir(previous.folder)).toHaveLength(2);
  });

  test("goes when it is not wanted any more", async () => {
    const { previous, read } = await kept({ a: "one", b: "two", c: "three" });
    await previous.remove("a");
    await writeFile(path.join(previous.folder, "0123.new"), "left by a run that was killed");
    await previous.keepOnly(["a", "c"]);
    expect([await read("a"), await read("b"), await read("c")]).toEqual([undefined, undefined, "three"]);
    expect(await readdir(previous.folder)).toHaveLength(1);
  });
});

describe("a trial", () => {
  const version = announcementOf("key", Buffer.from("version"));
  const before = { ...announcementOf("key", Buffer.from("x")), installedAt: "2026-01-01T00:00:00.000Z" };
  const member = { path: "a/b", version: version, before };
  const begun = { members: [member], starts: 1, stops: 0, condemned: false };

  async function openedTrials() {
    const folder = path.join(await temporaryFolder(), "trials");
    const trials = await openTrials(folder);
    await trials.begin([member]);
    return { folder, trials, reopened: async () => (await openTrials(folder)).of("a/b") };
  }

  test("is there again after a restart, as it stood", async () => {
    const { trials, reopened } = await openedTrials();
    expect(await reopened()).toEqual(begun);
    await trials.restart("a/b");
    await trials.restart("a/b");
    expect(await reopened()).toEqual({ ...begun, starts: 3 });
    await trials.cutShort("a/b", true);
    expect(await reopened()).toEqual({ ...begun, starts: 2, stops: 1 });
    await trials.cutShort("a/b", false);
    expect(await reopened()).toEqual({ ...begun, starts: 1, stops: 1 });
    await trials.condemn("a/b");
    expect(await reopened()).toMatchObject({ members: [member], condemned: true });
    await trials.end("a/b");
    expect(await reopened()).toBeUndefined();
  });

  test("of one path is the last one only, and what makes no sense is none", async () => {
    const { folder, trials } = await openedTrials();
    const other = announcementOf("key", Buffer.from("other"));
    await trials.condemn("a/b");
    await trials.begin([{ path: "a/b", version: other }]);
    await trials.begin([{ path: "c", version }]);
    await writeFile(path.join(folder, `${"0".repeat(32)}.1-0`), "{");
    await writeFile(path.join(folder, `${"1".repeat(32)}.1-0.new`), "");
    const again = await openTrials(folder);
    expect(again.all().map(({ members }) => members[0]?.version.sha256)).toEqual(
      expect.arrayContaining([other.sha256, version.sha256]),
    );
    expect(again.all()).toHaveLength(2);
    await again.begin([{ path: "d", version }]);
    expect(await readdir(folder)).toHaveLength(3);
  });

  test("of one file is on disk as 0.1.0 has it, and that of several as one", async () => {
    const { folder, trials } = await openedTrials();
    const [name = ""] = await readdir(folder);
    const form = JSON.parse(await readFile(path.join(folder, name), "utf8"));
    expect(form).toEqual({ path: "a/b", version, before });
    await trials.end("a/b");
    await trials.begin([member, { path: "c", version, removed: true }]);
    expect(await readdir(folder)).toHaveLength(1);
    const again = await openTrials(folder);
    expect(again.of("c")).toEqual({ ...begun, members: [member, { path: "c", version, removed: true }] });
    await again.restart("c");
    expect(again.of("a/b")).toMatchObject({ starts: 2 });
    await again.end("c");
    expect(again.all()).toEqual([]);
  });

  test("that the disk does not let be condemned is condemned in memory, and on disk as soon as that goes", async () => {
    const { folder, trials, reopened } = await openedTrials();
    await rename(folder, `${folder}.away`);
    await expect(trials.condemn("a/b")).rejects.toThrow("ENOENT");
    await expect(trials.restart("a/b")).rejects.toThrow("ENOENT");
    expect(trials.of("a/b")).toMatchObject({ condemned: true, starts: 1 });
    await rename(`${folder}.away`, folder);
    await trials.condemn("a/b");
    expect(await reopened()).toMatchObject({ condemned: true });
  });
});

describe("the programs that are kept", () => {
  test("are there again after a restart, the last one last, though they change at the same time", async () => {
    const file = path.join(await temporaryFolder(), "programs.json");
    const kept = await openKeptPrograms(file);
    await Promise.all([
      kept.add("a", "A"),
      kept.add("b", "B"),
      kept.add("c", undefined),
      kept.delete("b"),
      kept.add("a", "A2"),
    ]);
    const again = await openKeptPrograms(file);
    expect(again.all()).toEqual(["c", "a"]);
    expect(["a", "b", "c"].map(again.digestOf)).toEqual(["A2", undefined, undefined]);
  });
});

describe("the record of what is installed", () => {
  const entry = { name: "a", size: 1, sha256: "s", etag: "e", installedAt: "2026-01-01T00:00:00.000Z" };

  test("is there again after a restart", async () => {
    const file = path.join(await temporaryFolder(), "installed.json");
    for (const name of ["x/ü", "constructor", "__proto__"]) {
      await (await openInstalledFiles(file)).set(name, entry);
      expect((await openInstalledFiles(file)).all().get(name)).toEqual(entry);
    }
  });

  test("that is damaged, and cannot be put aside, is none", async () => {
    const file = path.join(await temporaryFolder(), "installed.json");
    await writeFile(file, "{");
    await mkdir(`${file}.damaged`); // stands for a disk that takes nothing
    expect((await openInstalledFiles(file)).all().size).toBe(0);
  });

  test.each(["", "{", "[]", '{"version":2,"files":{}}', "\u0000"])(
    "that is damaged (%j) is put aside",
    async (text) => {
      const folder = await temporaryFolder();
      const file = path.join(folder, "installed.json");
      await writeFile(file, text);
      expect((await openInstalledFiles(file)).all().size).toBe(0);
      expect(await readdir(folder)).toEqual(["installed.json.damaged"]);
    },
  );
});
