import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findFiles } from "../../../../operator/cli/put/find-files.ts";

const NOBODY = 65_534;

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "noteferry-find-"));
  await mkdir(path.join(folder, "app/inner"), { recursive: true });
  for (const file of ["app/a.py", "app/inner/b.py"]) await writeFile(path.join(folder, file), "1");
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Root may read everything: as root this asks as somebody else. */
async function asNobody<T>(question: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    return await question();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

test.each([
  ["a folder below it", "app", "app/inner"],
  ["a file below it", "app", "app/inner/b.py"],
  ["the folder itself", "app", "app"],
  ["the file itself", "app/a.py", "app/a.py"],
  ["the folder that it is in", "app/inner/b.py", "app/inner"],
])("%s that cannot be read is a sentence, and no file is found", async (_what, named, closed) => {
  await chmod(path.join(folder, closed), 0);
  const finding = asNobody(() => findFiles(path.join(folder, named)));
  const failed = await finding.catch((error: unknown) => error);
  await chmod(path.join(folder, closed), 0o700);
  const what = path.join(folder, closed === "app/inner" && named !== "app" ? named : closed);
  expect(failed).toMatchObject({
    code: "fault",
    message: `${what} cannot be read (EACCES): nothing was uploaded`,
  });
});
