import { chmod, chown, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  FolderNotPrivate,
  FolderUnusable,
  openPrivateFolder,
} from "../../../../local/host/disk/private-folder.ts";

async function parent(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-private-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const modeOf = async (folder: string) => (await stat(folder)).mode & 0o777;

test.each([
  ["that is not there yet", undefined, []],
  ["that is empty", 0o777, []],
  ["of an earlier start", 0o755, ["stack.lock", "keys.json"]],
  ["that is private already", 0o700, ["anything"]],
])("a folder %s is closed to others", async (_what, mode, files) => {
  const folder = path.join(await parent(), "data");
  if (mode !== undefined) {
    await mkdir(folder);
    await chmod(folder, mode);
  }
  for (const file of files) await writeFile(path.join(folder, file), "");
  await openPrivateFolder(folder, "stack.lock");
  expect(await modeOf(folder)).toBe(0o700);
});

test("one that holds what others may read stays as it is, and is refused", async () => {
  const folder = await parent();
  await chmod(folder, 0o755);
  await writeFile(path.join(folder, "index.html"), "");
  await expect(openPrivateFolder(folder, "stack.lock")).rejects.toThrow(FolderNotPrivate);
  expect(await modeOf(folder)).toBe(0o755);
});

test("another user's is refused", async () => {
  const isRoot = process.getuid?.() === 0;
  const folder = isRoot ? await parent() : "/usr";
  if (isRoot) await chown(folder, 65_534, 65_534);
  await expect(openPrivateFolder(folder, "stack.lock")).rejects.toThrow("belongs to another user");
});

test("one that cannot be made is refused in a sentence", async () => {
  const file = path.join(await parent(), "file");
  await writeFile(file, "");
  const where = [
    file,
    path.join(file, "data"),
    ...(process.platform === "linux" ? ["/proc/noteferry/data"] : []),
  ];
  for (const folder of where) {
    const refused = openPrivateFolder(folder, "stack.lock");
    await expect(refused).rejects.toThrow(FolderUnusable);
    await expect(refused).rejects.toThrow(/cannot be used: .*(?:file|folder).*give another --data/i);
  }
});
