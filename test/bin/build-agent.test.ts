import { spawnSync } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../..");

describe("the agent's package", () => {
  test("is one file, and another that only a thing loads, for a Node that strips no types, licences, and versions for good", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "noteferry-package-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    spawnSync("npm", ["run", "build:agent", "--", folder], { cwd: ROOT });
    for (const file of ["package.json", "npm-shrinkwrap.json"]) {
      await copyFile(path.join(ROOT, "agent/package", file), path.join(folder, file));
    }
    const packed = spawnSync("npm", ["pack", "--dry-run", "--json"], { cwd: folder, encoding: "utf8" });
    const [{ files }] = JSON.parse(packed.stdout);
    expect(files.map((file: { path: string }) => file.path).toSorted()).toEqual(
      [
        "LICENSE",
        "THIRD-PARTY-NOTICES",
        "noteferry-agent-wire.cjs",
        "noteferry-agent.mjs",
        "npm-shrinkwrap.json",
        "package.json",
      ].toSorted(),
    );
    const notices = await readFile(path.join(folder, "THIRD-PARTY-NOTICES"), "utf8");
    for (const name of ["valibot", "mqtt"])
      expect(notices).toMatch(new RegExp(`^${name} .*licence MIT`, "m"));
    const bundle = path.join(folder, "noteferry-agent.mjs");
    const code = await readFile(bundle, "utf8");
    expect(code.length).toBeLessThan(280_000);
    expect(code).toMatch(/"createCourier"\)/); // what a stack trace in a log calls it, whatever it is called in the file
    expect((await readFile(path.join(folder, "noteferry-agent-wire.cjs"))).length).toBeLessThan(180_000);
    const ask = (flag: string) =>
      spawnSync(process.execPath, ["--no-experimental-strip-types", bundle, flag], { encoding: "utf8" });
    expect(ask("--help")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("noteferry-agent <command>"),
    });
    expect(ask("--version")).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^noteferry-agent \d+\.\d+\.\d+\n$/),
    });
    // Debian 12's, whose zlib has no crc32, and the last of 22 without.
    const hooks = `export const resolve = (name, context, next) =>
      name === "node:zlib" ? { url: "data:text/javascript,export default {}", shortCircuit: true } : next(name, context)`;
    for (const node of ["18.19.1", "22.1.0"]) {
      const old = `import { register } from "node:module";
        register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hooks)}));
        Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${node}" } })`;
      const args = ["--import", `data:text/javascript,${encodeURIComponent(old)}`, bundle, "--help"];
      expect(spawnSync(process.execPath, args, { encoding: "utf8" })).toMatchObject({
        ...{ status: 1, stdout: "" },
        stderr: expect.stringMatching(/^noteferry-agent needs Node 22\.2 or later, and this is v.*\n$/),
      });
    }
  });

  test("is installed with what was tested, whole: the shrinkwrap fits and knows every content", async () => {
    const read = async (file: string) =>
      JSON.parse(await readFile(path.join(ROOT, "agent/package", file), "utf8"));
    const [manifest, { packages }] = [await read("package.json"), await read("npm-shrinkwrap.json")];
    const { "": own, ...others } = packages;
    const { version, optionalDependencies } = manifest;
    expect(own).toMatchObject({ version, optionalDependencies });
    expect(Object.values(others)).toEqual(
      Object.keys(others).map(() =>
        expect.objectContaining({ integrity: expect.stringMatching(/^sha512-/) }),
      ),
    );
  });
});
