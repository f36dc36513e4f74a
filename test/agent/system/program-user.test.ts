import { execFileSync } from "node:child_process";
import { chmod, readFile } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { findRuleUsers } from "../../../agent/commands/rule-users.ts";
import { runRules } from "../../../agent/commands/setting-values.ts";
import { asUser, findProgramUser, UserUnusable } from "../../../agent/system/program-user.ts";
import { startDevice } from "../support/agent-under-test.ts";
import { withRule } from "../support/app-rule.ts";
import { AS_ROOT } from "../support/other-user.ts";
import { configFile, runCommand, settingsOf } from "../support/run-command.ts";

const own = execFileSync("id", ["-un"], { encoding: "utf8" }).trim();
/** Another user than our own, on any system. */
const OTHER = AS_ROOT ? "nobody" : "root";

const ruleWith = (user: unknown) => [{ match: "a", command: ["a"], user }];

describe("the user of a rule", () => {
  test.each(["app", "_app", "www-data", "a.b", "machine$"])("may be called %s", (name) => {
    expect(v.parse(runRules, ruleWith(name))[0]?.user).toBe(name);
  });

  test.each(["", "-u", "a b", "a:b", "a/b", "0", "a\n", 1000, null])("may not be called %j", (name) => {
    expect(v.safeParse(runRules, ruleWith(name)).issues?.[0]?.message).toBe("is no name of a user");
  });

  test("that is the agent's own changes nothing", async () => {
    expect(await findProgramUser(own)).toBeUndefined();
    expect(asUser(["a", "b"], undefined)).toEqual(["a", "b"]);
  });

  test("comes with all of its groups", () => {
    expect(asUser(["a", "-b"], { name: "app", uid: 7, gid: 8 })).toEqual([
      ...["setpriv", "--reuid=7", "--regid=8", "--init-groups", "--reset-env", "--"],
      ...["a", "-b"],
    ]);
  });

  test("that there is not keeps the agent from starting, and says so", async () => {
    const device = await startDevice();
    const file = await configFile({ run: ruleWith("nobody-at-all") });
    const { code, stderr } = await runCommand("run", ...settingsOf(device), "--config", file);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^run\.0\.user: there is no user nobody-at-all: .*\n/),
    });
  });

  test("that the agent may not become is refused before anything is delivered", async () => {
    const refused = findRuleUsers(v.parse(runRules, ruleWith("x")), async () => {
      throw new UserUnusable("only root may start programs as x");
    });
    await expect(refused).rejects.toThrow("run.0.user: only root may start programs as x");
    const found = await findProgramUser(OTHER).catch(({ message }) => message);
    if (AS_ROOT) expect(found).toMatchObject({ name: OTHER });
    else expect(found).toContain("only root may start programs as root");
  });
});

test("a rule's program runs as its user, with that user's groups and nothing of the agent's environment", async () => {
  const device = await startDevice();
  // Whatever the user is, it has to reach the file.
  await chmod(device.folder, 0o711);
  await chmod(device.root, 0o777);
  const says = '{ id -un; id -G; echo "$USER $HOME $(printenv SECRET || echo none)"; } > told';
  device.fake.card.publish("app", Buffer.from(`#!/bin/sh\n${says}\nexec sleep 30\n`));
  const user = AS_ROOT ? OTHER : own;
  const flags = await withRule(device, { seconds: 0.5, user } as object);
  const agent = device.spawn({ flags, env: { PATH: process.env.PATH ?? "", SECRET: "secret" } });
  await agent.next("installed");
  const told = (await readFile(path.join(device.root, "told"), "utf8")).trim().split("\n");
  const groups = execFileSync("id", ["-G", user], { encoding: "utf8" }).trim();
  expect(told.slice(0, 2)).toEqual([user, groups]);
  if (AS_ROOT) expect(told[2]).toMatch(/^nobody \S+ none$/);
  // It is ended with the agent, though it is another user's.
  expect(await agent.stop()).toBe(0);
  expect(agent.events.filter(({ event }) => event === "stopped")).toEqual([]);
});
