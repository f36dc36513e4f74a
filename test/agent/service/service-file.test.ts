import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";
import { PLACES } from "../../../agent/host/places.ts";
import { readRepositoryFile } from "../../support/repository-files.ts";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const UNIT = "agent/service/noteferry-agent.service";

test("the service may do what an installation needs, and little else; what is to be loosened when is told", () => {
  const unit = readRepositoryFile(UNIT);
  const settings = new Map(
    [...unit.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
  expect(Object.fromEntries(settings)).toMatchObject({
    ...{ NoNewPrivileges: "yes", ProtectSystem: "full", ProtectHome: "yes", DevicePolicy: "closed" },
    ...{ RestrictNamespaces: "yes", RestrictSUIDSGID: "yes" },
    CapabilityBoundingSet: expect.not.stringMatching(/SYS_|NET_|PTRACE/),
  });
  const judged = spawnSync("systemd-analyze", ["security", "--offline=true", UNIT], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const [, exposure] = /exposure level for .*: ([\d.]+)/.exec(judged.stdout ?? "") ?? [];
  // Where there is no such tool, the lines above stand for it.
  if (exposure !== undefined) expect(Number(exposure)).toBeLessThan(3);
  // Each hardening that keeps a program from something it may well want has a line in docs/DEVICE.md.
  const guide = readRepositoryFile("docs/DEVICE.md");
  const told = ["ProtectSystem", "ProtectHome", "DeviceAllow", "CapabilityBoundingSet", "SystemCallFilter"];
  for (const name of [...told, "RestrictAddressFamilies", "RestrictSUIDSGID", "NoNewPrivileges"]) {
    expect(settings.has(name), name).toBe(true);
    expect(guide, name).toContain(`\`${name}`);
  }
});

test("a program's own service has its files recovered before it starts, by what the agent goes by", () => {
  const program = readRepositoryFile("agent/service/program.example.conf");
  const started = /^ExecStart=(.*) run (--config .*)$/m.exec(readRepositoryFile(UNIT));
  expect(program).toContain(`\nExecStartPre=+${started?.[1]} recover ${started?.[2]}\n`);
  const mounts = /^RequiresMountsFor=.*$/m;
  expect(mounts.exec(program)?.[0]).toBe(mounts.exec(readRepositoryFile(UNIT))?.[0]);
});

test("the service starts once the disks of its program, its config file, its root and its state are mounted", () => {
  const unit = readRepositoryFile(UNIT);
  const [, line = ""] = /^RequiresMountsFor=(.*)$/m.exec(unit) ?? [];
  const folders = line.split(" ");
  const { root, state } = JSON.parse(readRepositoryFile("agent/service/agent.example.json"));
  const [, command = "", config = ""] = /^ExecStart=(\S+) run --config (\S+)$/m.exec(unit) ?? [];
  expect(command).toBe(PLACES.command); // a link to what is in this folder:
  for (const needed of [root, state, PLACES.program, config]) {
    expect(folders.some((folder) => !path.relative(folder, needed).startsWith(".."))).toBe(true);
  }
  expect(unit.indexOf("RequiresMountsFor")).toBeLessThan(unit.indexOf("[Service]"));
});
