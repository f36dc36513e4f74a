import { chmod, mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { parseCommandLine } from "../../../agent/commands/flags.ts";
import { HostUnfit, installAgent } from "../../../agent/commands/install-agent.ts";
import { uninstallAgent } from "../../../agent/commands/uninstall-agent.ts";
import { StepFailed } from "../../../agent/host/carry-out.ts";
import type { Places } from "../../../agent/host/places.ts";

const NEVER = new AbortController().signal;
const NODE = "/usr/bin/node";

/** A host in a folder: a systemctl and an npm that write down how they were called, and a program as it comes in the package. */
async function host(fails = "") {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-host-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const at = (name: string) => path.join(folder, name);
  const places: Places = {
    ...{ program: at("opt/noteferry"), command: at("usr/local/bin/noteferry-agent") },
    ...{ config: at("etc/noteferry/agent.json"), unit: at("etc/systemd/system/noteferry-agent.service") },
    ...{ manPage: at("man8/noteferry-agent.8"), completion: at("bash_completion.d/noteferry-agent") },
    systemd: at("run/systemd/system"),
  };
  for (const made of [places.systemd, path.dirname(places.unit), at("bin"), at("download")])
    await mkdir(made, { recursive: true });
  const calls = at("calls");
  for (const name of ["systemctl", "npm"]) {
    const fail = `case "$*" in *"${fails || "nothing at all"}"*) exit 3;; esac`;
    await writeFile(at(`bin/${name}`), `#!/bin/sh\necho "${name} $*" >> '${calls}'\n${fail}\n`);
    await chmod(at(`bin/${name}`), 0o755);
  }
  vi.stubEnv("PATH", `${at("bin")}:${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  const script = at("download/noteferry-agent.mjs");
  await writeFile(script, "// the agent\n");
  await writeFile(at("download/noteferry-agent-wire.cjs"), "// for things\n");
  const said: string[] = [];
  const options = ["--notecard", "tcp://127.0.0.1:1", "--root", at("srv/app"), "--state", at("state")];
  const run = async (args: string[], isRoot = true) => {
    const commandLine = await parseCommandLine(args);
    const say = (sentence: string) => said.push(sentence);
    if (commandLine.command === "install")
      return await installAgent(commandLine, { node: NODE, script, isRoot }, say, NEVER, places);
    if (commandLine.command === "uninstall")
      await uninstallAgent(commandLine, { isRoot }, say, NEVER, places);
    return [];
  };
  const called = async () =>
    (await readFile(calls, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  return { at, places, options, run, said, called, script };
}

test("an agent becomes a service with its settings, is examined, and starts; twice is as once", async () => {
  const { at, places, options, run, said, called } = await host();
  const findings = await run(["install", ...options, "--poll", "3", "--stage", "staging"]);
  expect(findings.some(({ what, ok }) => what === "port" && !ok)).toBe(true); // no Notecard is there: it runs all the same
  expect(JSON.parse(await readFile(places.config, "utf8"))).toEqual({
    ...{ notecard: "tcp://127.0.0.1:1", root: at("srv/app"), state: at("state"), poll: 3, stage: "staging" },
  });
  const unit = await readFile(places.unit, "utf8");
  expect(unit).toContain(
    `\nExecStart=${NODE} ${places.program}/noteferry-agent.mjs run --config ${places.config}\n`,
  );
  expect(unit).toContain(
    `\nRequiresMountsFor=${places.program} ${path.dirname(places.config)} ${at("srv/app")} ${at("state")}\n`,
  );
  expect(unit).not.toContain("StateDirectory");
  expect(unit).toContain("NoNewPrivileges=yes");
  expect(await readFile(path.join(places.program, "noteferry-agent.mjs"), "utf8")).toBe("// the agent\n");
  expect(await readFile(path.join(places.program, "noteferry-agent-wire.cjs"), "utf8")).toBe(
    "// for things\n",
  );
  expect(await readlink(places.command)).toBe(path.join(places.program, "noteferry-agent.mjs"));
  expect((await stat(at("state"))).mode & 0o777).toBe(0o700);
  expect(await readFile(places.manPage, "utf8")).toContain(".TH NOTEFERRY-AGENT 8");
  expect(await called()).toEqual([
    ...["systemctl daemon-reload", "systemctl enable noteferry-agent", "systemctl restart noteferry-agent"],
  ]);
  const mine = JSON.stringify({ notecard: "tcp://127.0.0.1:2", root: at("srv/app"), state: at("state") });
  await writeFile(places.config, mine);
  const again = await run(["install", ...options]);
  expect(await readFile(places.config, "utf8")).toBe(mine);
  expect(again.find(({ what }) => what === "port")?.detail).toContain("127.0.0.1:2"); // what the service goes by
  expect(said).toContain(`kept ${places.config} as it is: what is told here and is not in it has no effect`);
});

test("a serial line takes a package of native code, once", async () => {
  const { at, places, run, called } = await host();
  const serial = ["install", "--notecard", "serial:/dev/none", "--root", at("srv"), "--state", at("state")];
  await run(serial);
  expect(await called()).toContain(
    `npm install --prefix ${places.program} --no-fund --no-audit serialport@13.0.0`,
  );
  await mkdir(path.join(places.program, "node_modules/serialport"), { recursive: true });
  await run(serial);
  expect((await called()).filter((line) => line.startsWith("npm"))).toHaveLength(1);
});

test("--dry-run says all of it, and does nothing", async () => {
  const { at, options, run, said, called, places } = await host();
  await run(["install", ...options, "--dry-run"], false);
  expect(said).toContain(`would write ${places.config}, unless it is there`);
  expect(said.at(-1)).toContain("would run systemctl restart noteferry-agent");
  await run(["uninstall", "--purge", "--state", at("state"), "--dry-run"], false);
  expect(said.at(-1)).toBe(`would remove ${at("state")}`);
  expect(await called()).toEqual([]);
  await expect(stat(places.program)).rejects.toThrow("ENOENT");
});

test("what was installed goes again, but for settings, state and files; with --purge but for files", async () => {
  const { at, places, options, run, said, called } = await host("disable");
  await run(["install", ...options]);
  await writeFile(at("srv/app/main.py"), "delivered");
  await run(["uninstall", "--state", at("state")]);
  for (const gone of [places.unit, places.program, places.command, places.manPage, places.completion])
    await expect(stat(gone)).rejects.toThrow("ENOENT");
  expect(said).toContain("systemctl disable --now noteferry-agent ended with 3; going on"); // it did not run
  expect(await called()).toContain("systemctl disable --now noteferry-agent");
  await stat(places.config);
  await run(["uninstall", "--state", at("srv"), "--purge"]); // a path that was mistyped
  expect(said).toContain(`left ${at("srv")} alone, which is no state of an agent`);
  await writeFile(path.join(at("state"), "agent.lock"), "");
  await writeFile(path.join(path.dirname(places.config), "key.pem"), "a thing's");
  await run(["uninstall", "--state", at("state"), "--purge"]);
  expect(await readFile(path.join(path.dirname(places.config), "key.pem"), "utf8")).toBe("a thing's");
  await expect(stat(places.config)).rejects.toThrow("ENOENT");
  await expect(stat(at("state"))).rejects.toThrow("ENOENT");
  expect(await readFile(at("srv/app/main.py"), "utf8")).toBe("delivered");
});

test("somebody else's program of that name is left alone", async () => {
  const { places, options, run, said } = await host();
  await mkdir(path.dirname(places.command), { recursive: true });
  await writeFile(places.command, "theirs");
  await run(["install", ...options]);
  await run(["uninstall"]);
  expect(await readFile(places.command, "utf8")).toBe("theirs");
  expect(said.filter((line) => line.startsWith(`left ${places.command} alone`))).toHaveLength(2);
});

test("what cannot be is said before anything is done", async () => {
  const { at, places, options, run, called } = await host();
  await expect(run(["install", ...options], false)).rejects.toThrow("run it with sudo");
  await expect(run(["install", ...options, "--root", "relative"])).rejects.toThrow(
    "--root is to be an absolute path",
  );
  await expect(run(["install", "--root", at("srv")])).rejects.toThrow("notecard");
  await rm(places.systemd, { recursive: true });
  await expect(run(["install", ...options])).rejects.toThrow(HostUnfit);
  await expect(run(["install", ...options])).rejects.toThrow("noteferry-agent run");
  expect(await called()).toEqual([]);
});

test("a command that fails ends the installation with its name", async () => {
  const { options, run } = await host("daemon-reload");
  await expect(run(["install", ...options])).rejects.toThrow(StepFailed);
  await expect(run(["install", ...options])).rejects.toThrow("systemctl daemon-reload ended with 3");
});
