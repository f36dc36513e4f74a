import path from "node:path";
import { expect, test } from "vitest";
import { readRepositoryFile } from "../../support/repository-files.ts";

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
