import { describe, expect, test } from "vitest";
import type { RunRule } from "../../../agent/trial/run-rule.ts";
import { changeOf } from "../support/change-of.ts";
import { placingUnderTest } from "../support/placing-under-test.ts";
import { lives } from "../support/processes.ts";

/** Its program writes down which files it was started with, and fails where there is one of the name `bad`. */
const RULE: RunRule = {
  match: "app/**",
  command: ["sh", "-c", "echo $(ls app) >> ran; [ ! -e app/bad ]"],
  seconds: 5,
};
const BEFORE = { "app/a": "a1", "app/b": "b1" };

describe("a file that is to go", () => {
  test("goes together with what is installed, and one start tries both", async () => {
    const device = await placingUnderTest([RULE], BEFORE);
    await device.put({ "app/a": undefined, "app/c": "c1" });
    expect(await device.there()).toEqual({ "app/b": "b1", "app/c": "c1" });
    expect(await device.ran()).toBe("b c\n");
    expect(await device.leftOver()).toEqual([]);
    expect([...device.files.installed.all().keys()]).toEqual(["app/c"]);
  });

  test("is put back if the program fails without it", async () => {
    const device = await placingUnderTest([RULE], BEFORE);
    await expect(device.put({ "app/a": undefined, "app/bad": "x" })).rejects.toMatchObject({ reason: "run" });
    expect(await device.there()).toEqual(BEFORE);
    await expect.poll(device.ran).toBe("b bad\na b\n");
    expect(device.files.failed.get("app/a")).toMatchObject({ removed: true, reason: "run" });
    expect(device.events.filter(({ event }) => event === "restored")).toHaveLength(2);
    expect(await device.leftOver()).toEqual([]);
  });

  test("may be all that a unit is", async () => {
    const device = await placingUnderTest([RULE], BEFORE);
    await device.put({ "app/a": undefined });
    expect(await device.there()).toEqual({ "app/b": "b1" });
    expect(await device.ran()).toBe("b\n");
  });

  test("leaves the program that needs it no more to another file of its rule", async () => {
    const lasts: RunRule = { ...RULE, command: ["sleep", "60"], seconds: 0.1 };
    const device = await placingUnderTest([lasts]);
    await device.put({ "app/a": "a1", "app/b": "b1" });
    await device.put({ "app/b": undefined });
    await device.programs.stop();
    expect(device.programs.missing(lasts, [lasts])).toBe("app/a");
  });

  test("goes alone where no rule has anything to run, and where the rule is about that file", async () => {
    const perFile: RunRule = { match: "app/*", command: ["{path}"], seconds: 5 };
    for (const rules of [[], [perFile]]) {
      const device = await placingUnderTest(rules, BEFORE);
      await device.put({ "app/a": undefined });
      expect(await device.there()).toEqual({ "app/b": "b1" });
      expect(await device.leftOver()).toEqual([]);
    }
  });

  test("whose program runs, has that stopped for good", async () => {
    const lasts: RunRule = { match: "app/*", command: ["{path}"], seconds: 0.1, restart: 1 };
    const device = await placingUnderTest([lasts]);
    await device.put({ "app/a": "#!/bin/sh\necho $$ > ran\nexec sleep 60\n" });
    const pid = Number(await device.ran());
    expect(lives(pid)).toBe(true);
    await device.put({ "app/a": undefined });
    expect(lives(pid)).toBe(false);
    expect(device.programs.missing(lasts, [lasts])).toBeUndefined();
  });

  test("that is there again because the program made it, is put back as it was", async () => {
    const makes: RunRule = { ...RULE, command: ["sh", "-c", "echo made > app/a; exit 1"] };
    const device = await placingUnderTest([makes], BEFORE);
    await expect(device.put({ "app/a": undefined })).rejects.toMatchObject({ reason: "run" });
    expect((await device.there())["app/b"]).toBe("b1");
    await expect.poll(async () => (await device.there())["app/a"]).toMatch(/^(a1|made\n)$/); // it is started again
    expect(device.events).toContainEqual(expect.objectContaining({ event: "restored", path: "app/a" }));
  });
});

describe("a unit", () => {
  test("of which one file cannot be verified changes nothing, and names that file", async () => {
    const device = await placingUnderTest([RULE], BEFORE);
    const { placing } = device;
    const spoilt = async function* () {
      yield Buffer.from("spoilt");
    };
    const unit = [changeOf("app/a", "a2"), { ...changeOf("app/b", "b2345678"), content: spoilt }];
    await expect(placing.putInPlace(unit, new AbortController().signal)).rejects.toMatchObject({
      ...{ reason: "wrong-size", path: "app/b" },
    });
    expect(await device.there()).toEqual(BEFORE);
    expect(await device.leftOver()).toHaveLength(0);
    expect(await device.ran()).toBe("");
  });
});
