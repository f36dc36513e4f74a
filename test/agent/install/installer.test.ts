import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { InstallFailed, installFailureOf } from "../../../agent/install/install-failed.ts";
import { createInstaller } from "../../../agent/install/installer.ts";
import { memoryFolder } from "../../support/memory-folder.ts";
import { sha256 } from "../support/fake-card.ts";

async function setUp(parent = tmpdir()) {
  const folder = await mkdtemp(path.join(parent, "noteferry-install-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [root, outside] = [path.join(folder, "root"), path.join(folder, "outside")];
  await mkdir(outside);
  return { folder, root, outside, installer: await createInstaller(root) };
}

async function* of(...pieces: Buffer[]) {
  yield* pieces;
}

const NEW = Buffer.from("the new content");
const EXPECTED = { size: NEW.length, sha256: sha256(NEW) };

test("any path ends in the file or in a refusal, and nothing is written outside the root [NF-9.4]", async () => {
  const { folder, root, outside, installer } = await setUp();
  await mkdir(path.join(root, "in"));
  await symlink(outside, path.join(root, "out"));
  await symlink("in", path.join(root, "loop"));
  await symlink("self", path.join(root, "self"));
  await symlink("/etc/hostname", path.join(root, "file-out"));
  const segment = fc.oneof(
    fc.constantFrom(
      "in",
      "out",
      "loop",
      "self",
      "file-out",
      "..",
      ".",
      "",
      "a",
      "b",
      "\\",
      "\u0000",
      ".noteferry-1",
      "x".repeat(256),
    ),
    fc.string({ unit: "grapheme", maxLength: 5 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(segment, { maxLength: 4 }), async (segments) => {
      const place = segments.join("/");
      const failure = await installer.install(place, of(NEW), EXPECTED).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure === undefined) expect(await installer.digest(place)).toBe(EXPECTED.sha256);
      else expect(failure).toBeInstanceOf(InstallFailed);
      expect(await readdir(outside)).toEqual([]);
      expect((await readdir(folder)).toSorted()).toEqual(["outside", "root"]);
    }),
    { numRuns: 150 },
  );
});

test("a folder that becomes a link out of the root in between is not followed [NF-9.4]", async () => {
  const { root, outside, installer } = await setUp(memoryFolder()); // many rounds, of which a disk syncs each
  const [real, link, sub] = [path.join(root, "real"), path.join(root, "link"), path.join(root, "sub")];
  await mkdir(sub);
  await symlink(outside, link);
  let stop = false;
  const swapping = (async () => {
    while (!stop) {
      await rename(sub, real).catch(() => undefined);
      await rename(link, sub).catch(() => undefined);
      await sleep(1);
      await rename(sub, link).catch(() => undefined);
      await rename(real, sub).catch(() => undefined);
      await sleep(2);
    }
  })();
  let [installed, refused] = [0, 0];
  const until = performance.now() + 8_000; // on a busy machine a round takes so long that so many would take minutes
  while (performance.now() < until && (installed < 20 || refused < 100)) {
    await installer.install("sub/a", of(NEW), EXPECTED).then(
      () => (installed += 1),
      () => (refused += 1),
    );
  }
  stop = true;
  await swapping;
  expect(await readdir(outside)).toEqual([]);
  expect(installed).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(0);
});

describe("what fails leaves the old file and nothing else [NF-9.1] [NF-9.2]", () => {
  test.each<[string, () => AsyncIterable<Buffer>, string]>([
    ["too little", () => of(NEW.subarray(1)), "wrong-size"],
    ["too much", () => of(NEW, NEW), "wrong-size"],
    ["another content", () => of(Buffer.from("THE new content")), "wrong-hash"],
    [
      "a source that breaks",
      async function* () {
        yield NEW;
        throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      },
      "disk-full",
    ],
  ])("%s", async (_what, content, reason) => {
    const { root, installer } = await setUp();
    await writeFile(path.join(root, "a"), "old");
    await expect(installer.install("a", content(), EXPECTED)).rejects.toMatchObject({ reason });
    expect(await readFile(path.join(root, "a"), "utf8")).toBe("old");
    expect(await readdir(root)).toEqual(["a"]);
  });
});

test("a file that is too large for the disk is refused before it is fetched", async () => {
  const { installer } = await setUp();
  await expect(installer.check("a", 2 ** 52)).rejects.toMatchObject({ reason: "disk-full" });
  await expect(installer.check("a", 10)).resolves.toBeUndefined();
});

test.each([
  ["ENOSPC", "disk-full"],
  ["EDQUOT", "disk-full"],
  ["EROFS", "read-only"],
  ["EACCES", "no-permission"],
  ["ENAMETOOLONG", "name"],
  ["EISDIR", "is-a-folder"],
  ["EBUSY", "mount-point"],
  ["EIO", "storage"],
])("%s is told apart as %s", (code, reason) => {
  expect(installFailureOf(Object.assign(new Error("x"), { code }))).toMatchObject({ reason });
});

test("what a killed installation left is swept beside a folder, too, that has come in its place", async () => {
  const { root, installer } = await setUp();
  await installer.stage("in/file", of(NEW), EXPECTED);
  await mkdir(path.join(root, "in/file"));
  await writeFile(path.join(root, "in/file/theirs"), "");
  await installer.sweep("in/file");
  expect(await readdir(path.join(root, "in"))).toEqual(["file"]);
  expect(await readdir(path.join(root, "in/file"))).toEqual(["theirs"]);
});
