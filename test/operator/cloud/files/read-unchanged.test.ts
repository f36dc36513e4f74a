import { appendFile, mkdtemp, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readUnchanged } from "../../../../operator/cloud/files/read-unchanged.ts";

const BYTES = 300_000;

let folder = "";
let file = "";
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "noteferry-read-"));
  file = path.join(folder, "app.bin");
  await writeFile(file, Buffer.alloc(BYTES, 7));
  await utimes(file, 1_700_000_000, 1_700_000_000);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Reads all of it, and does something after the first bytes. */
async function read(meanwhile: () => Promise<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readUnchanged(file)) {
    chunks.push(chunk);
    if (chunks.length === 1) await meanwhile();
  }
  return Buffer.concat(chunks);
}

test.each<[string, () => Promise<unknown>]>([
  ["grows", () => appendFile(file, "x")],
  ["is written over, with as many bytes", () => writeFile(file, Buffer.alloc(BYTES, 8))],
  ["is cut", () => writeFile(file, "")],
])("a file that %s while it is read has no end", async (_what, meanwhile) => {
  await expect(read(meanwhile)).rejects.toMatchObject({
    code: "fault",
    message: `${file} changed while it was read, and nothing of it was stored: put it again`,
  });
});

test("one that another is put in the place of is read as it was", async () => {
  const other = path.join(folder, "other");
  await writeFile(other, "new");
  expect(await read(() => rename(other, file))).toEqual(Buffer.alloc(BYTES, 7));
});
