import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { openInstalledFiles } from "../../agent/state/installed-files.ts";
import { openPartialFiles } from "../../agent/state/partial-files.ts";
import { openPreviousFiles } from "../../agent/state/previous-files.ts";
import { announcementOf } from "./support/fake-card.ts";
import { patternedBytes } from "./support/patterned-bytes.ts";

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-state-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function collect(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(piece);
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
  test("is kept for each path, one at a time", async () => {
    const folder = await temporaryFolder();
    const previous = await openPreviousFiles(path.join(folder, "previous"));
    for (const content of ["one", "two"]) {
      await writeFile(path.join(folder, content), content);
      await previous.keep("a", path.join(folder, content), `digest-of-${content}`);
    }
    const found = await previous.find("a");
    expect(found).toMatchObject({ size: 3, sha256: "digest-of-two" });
    expect((await collect(found?.content() ?? (async function* () {})())).toString()).toBe("two");
    expect(await previous.find("b")).toBeUndefined();
    expect(await readdir(path.join(folder, "previous"))).toHaveLength(1);
    await previous.remove("a");
    expect(await previous.find("a")).toBeUndefined();
  });
});

describe("the record of what is installed", () => {
  const entry = { name: "a", size: 1, sha256: "s", etag: "e", installedAt: "2026-01-01T00:00:00.000Z" };

  test("is there again after a restart", async () => {
    const file = path.join(await temporaryFolder(), "installed.json");
    await (await openInstalledFiles(file)).set("x/ü", entry);
    expect([...(await openInstalledFiles(file)).all()]).toEqual([["x/ü", entry]]);
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
