import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { formatUnit } from "../../../agent/host/unit.ts";

const hostile = ["/usr/bin/node", "/opt/a b/agent.mjs", "run", "--config", '/etc/50%/$HOME/"quoted"\\.json'];

test("paths reach systemd as they are, whatever is in them", () => {
  const unit = formatUnit({ start: hostile, folders: ["/srv/a b", "/var/50%"] });
  expect(unit).toContain(
    'ExecStart=/usr/bin/node "/opt/a b/agent.mjs" run --config "/etc/50%%/$$HOME/\\"quoted\\"\\\\.json"\n',
  );
  expect(unit).toContain('RequiresMountsFor="/srv/a b" /var/50%%\n');
  expect(unit).toContain("StateDirectory=noteferry\n");
});

test("systemd itself finds nothing wrong with the unit", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "noteferry-unit-"));
  const file = path.join(folder, "noteferry-agent.service");
  writeFileSync(
    file,
    formatUnit({ start: [process.execPath, "run"], folders: ["/srv/a b"], ownState: "/srv/state" }),
  );
  const verified = spawnSync("systemd-analyze", ["verify", file], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  if (verified.error !== undefined) return; // no such tool here: what is written is checked above
  expect(verified.stderr.split("\n").filter((line) => line.includes("noteferry-agent.service"))).toEqual([]);
});
