import path from "node:path";
import { expect, test } from "vitest";
import { readRepositoryFile } from "../../support/repository-files.ts";

test("the service may do what an installation needs, and little else; what is to be loosened when is told", () => {
  const unit = readRepositoryFile("agent/service/noteferry-agent.service");
  const settings = new Map(
    [...unit.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
  expect(Object.fromEntries(settings)).toMatchObject({
    ...{ NoNewPrivileges: "yes", ProtectSystem: "full", ProtectHome: "yes", DevicePolicy: "closed" },
    ...{ RestrictNamespaces: "yes", RestrictSUIDSGID: "yes" },
    CapabilityBoundingSet: expect.not.stringMatching(/SYS_|NET_|PTRACE/),
  });
  // Each hardening that keeps a program from something it may well want has a line in README.
  const readme = readRepositoryFile("README.md");
  const told = ["ProtectSystem", "ProtectHome", "DeviceAllow", "CapabilityBoundingSet", "SystemCallFilter"];
  for (const name of [...told, "RestrictAddressFamilies", "RestrictSUIDSGID", "NoNewPrivileges"]) {
    expect(settings.has(name), name).toBe(true);
    expect(readme, name).toContain(`\`${name}`);
  }
});

test("the service starts once the disks of its program, its config file, its root and its state are mounted", () => {
  const unit = readRepositoryFile("agent/service/noteferry-agent.service");
  const [, line = ""] = /^RequiresMountsFor=(.*)$/m.exec(unit) ?? [];
  const folders = line.split(" ");
  const { root, state } = JSON.parse(readRepositoryFile("agent/service/agent.example.json"));
  const [, program = "", config = ""] = /^ExecStart=\S+ node (\S+) run --config (\S+)$/m.exec(unit) ?? [];
  for (const needed of [root, state, program, config]) {
    expect(folders.some((folder) => !path.relative(folder, needed).startsWith(".."))).toBe(true);
  }
  expect(unit.indexOf("RequiresMountsFor")).toBeLessThan(unit.indexOf("[Service]"));
});
