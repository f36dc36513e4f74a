import {
  lchown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createInstaller, type Installer } from "../../../agent/install/installer.ts";
import { openPlace } from "../../../agent/install/place.ts";
import { resolveTrusted } from "../../../agent/system/trusted-path.ts";
import { startDevice } from "../support/agent-under-test.ts";
import { ran } from "../support/app-rule.ts";
import { sha256 } from "../support/fake-card.ts";
import { AS_ROOT, NOBODY } from "../support/other-user.ts";
import { configFile } from "../support/run-command.ts";

const NEW = Buffer.from("new");

async function install(installer: Installer, file: string): Promise<string | undefined> {
  async function* content() {
    yield NEW;
  }
  return installer.install(file, content(), { size: NEW.length, sha256: sha256(NEW) });
}

let folder: string;
let root: string;
let installer: Installer;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), "noteferry-links-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  root = path.join(folder, "root");
  installer = await createInstaller(root);
  await mkdir(path.join(root, "app"));
  await mkdir(path.join(root, "data"));
  await writeFile(path.join(root, "app/main"), "old");
});

const main = () => readFile(path.join(root, "app/main"), "utf8");

describe("a link that another user has made below the root [NF-9.4]", () => {
  test.each([
    ["to a file", "data/x", "../app/main"],
    ["to a folder", "data/x/main", "../app"],
    ["to another link", "data/y", "x"],
    ["out of the root", "data/x", "../../outside"],
  ])("is not followed: %s", async (_what, announced, target) => {
    if (!AS_ROOT) return;
    await symlink(target === "x" ? "../app/main" : target, path.join(root, "data/x"));
    await lchown(path.join(root, "data/x"), NOBODY, NOBODY);
    if (target === "x") await symlink("x", path.join(root, "data/y")); // root's, by way of the other's
    for (const touch of [
      () => install(installer, announced),
      () => installer.check(announced, 1),
      () => installer.digest(announced),
      () => installer.remove(announced),
      () => installer.putBack(announced, path.join(root, "app/main")),
    ]) {
      await expect(touch()).rejects.toMatchObject({
        reason: "symbolic-link",
        message: expect.stringContaining("another user (uid 65534)"),
      });
    }
    expect(await main()).toBe("old");
    expect(await readdir(folder)).toEqual(["root"]);
  });

  test("is not followed above the root either, as far as that can be told", async () => {
    await rename(root, path.join(folder, "moved"));
    await mkdir(path.join(folder, "other/root"), { recursive: true });
    await symlink("other/root", root);
    await expect(install(installer, "a")).rejects.toThrow();
    await rm(root);
    await mkdir(path.join(folder, "deep"));
    const below = await createInstaller(path.join(folder, "deep/root"));
    await rename(path.join(folder, "deep"), path.join(folder, "gone"));
    await symlink("other", path.join(folder, "deep"));
    await expect(install(below, "a")).rejects.toMatchObject({ reason: "storage" });
    expect(await readdir(path.join(folder, "other/root"))).toEqual([]);
  });
});

describe("where a path really goes", () => {
  test.each([
    ["app/main", "app/main"],
    ["data/link", "app/main"],
    ["data/app/main", "app/main"],
    ["data/app/new/file", "app/new/file"],
    ["nowhere/at/all", "nowhere/at/all"],
    ["data/out", "data/out"],
    ["data/dangling", "app/absent"],
    ["data/circle", "data/circle"],
  ])("%s goes to %s", async (announced, real) => {
    await symlink("../app/main", path.join(root, "data/link"));
    await symlink(path.join(root, "app"), path.join(root, "data/app"));
    await symlink("../../outside", path.join(root, "data/out"));
    await symlink("../app/absent", path.join(root, "data/dangling"));
    await symlink("circle", path.join(root, "data/circle"));
    expect(await installer.realPath(announced)).toBe(real);
  });

  test("is where a file is installed, and nothing else is done to it on the way", async () => {
    await symlink("../app/main", path.join(root, "data/link"));
    for (const touch of [
      () => install(installer, "data/link"),
      () => installer.remove("data/link"),
      () => installer.putBack("data/link", path.join(root, "app/main")),
    ]) {
      await expect(touch()).rejects.toMatchObject({ reason: "storage" });
    }
    expect(await main()).toBe("old");
    await install(installer, await installer.realPath("data/link"));
    expect(await main()).toBe("new");
  });

  test.each([
    ["up and down again", "../data/../app/main", "app/main"],
    ["by way of a link to a folder, and up from there", "deep/../main", "app/main"],
    ["out of the root and in again", "../../root/app/main", "app/main"],
    ["from the top of the disk", "ROOT/app/main", "app/main"],
    ["to the root", "..", undefined],
    ["up out of the root, late", "deep/../../../outside", undefined],
    ["out of the root", "/etc/passwd", undefined],
    ["to a circle", "circle", undefined],
    ["to nothing", "../app/nothing", undefined],
  ])("is where its place is opened: a link that leads %s", async (_what, target, goes) => {
    await mkdir(path.join(root, "app/sub"));
    await writeFile(path.join(folder, "outside"), "outside");
    await symlink("../app/sub", path.join(root, "data/deep"));
    await symlink("circle", path.join(root, "data/circle"));
    await symlink(target.replace("ROOT", root), path.join(root, "data/link"));
    if (goes === undefined) {
      await expect(openPlace(root, "data/link", true)).rejects.toMatchObject({ reason: "symbolic-link" });
      return;
    }
    const place = await openPlace(root, "data/link", true);
    await place?.folder.close();
    expect([place?.path, await installer.realPath("data/link")]).toEqual([goes, goes]);
  });

  test("is told as the system tells it", async () => {
    await symlink("../app", path.join(root, "data/app"));
    await symlink(path.join(root, "data/app/../app/main"), path.join(root, "data/far"));
    for (const place of ["data/far", "data/app", "data/app/../data/./far", "app/main"]) {
      expect(await resolveTrusted(`${root}/${place}`)).toEqual({
        ...{ real: await realpath(`${root}/${place}`), missing: "" },
      });
    }
  });
});

test("a rule is the one of the file that is replaced, whatever that was called", async () => {
  const device = await startDevice();
  await mkdir(path.join(device.root, "app"));
  await mkdir(path.join(device.root, "data"));
  await symlink("../app/main", path.join(device.root, "data/x"));
  await writeFile(path.join(device.root, "app/main"), "old");
  const command = ["sh", "-c", 'echo "$1" >> ran', "sh"];
  const run = [
    { match: "app/main", command: [...command, "app {path}"], seconds: 5 },
    { match: "data/**", command: [...command, "data"], seconds: 5 },
  ];
  device.fake.card.publish("data/x", NEW);
  const agent = device.start({ flags: ["--config", await configFile({ run })] });
  expect(await agent.next("installed")).toMatchObject({ name: "data/x", path: "app/main" });
  expect(await ran(device)).toEqual([`app ${await realpath(path.join(device.root, "app/main"))}`]);
});
