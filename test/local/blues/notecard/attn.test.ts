import { describe, expect, test } from "vitest";
import { createAttention } from "../../../../local/blues/notecard/attention.ts";
import { DEVICE, FLEET } from "../notehub/support/hub-under-test.ts";
import { cardUnderTest } from "./support/card-under-test.ts";

const ARM = { req: "card.attn", mode: "arm,files", files: ["file-update.qi"] };
const QUERY = { req: "card.attn" };

describe("card.attn", () => {
  test("fires for a watched notefile, and tells which", async () => {
    const fired: string[] = [];
    await using under = await cardUnderTest({
      observe: ({ kind }) => kind === "attention" && fired.push(kind),
    });
    expect(await under.host.ask(QUERY)).toEqual({ set: true });
    expect(await under.host.ask(ARM)).toEqual({});
    expect(await under.host.ask(QUERY)).toEqual({});
    await under.note("other.qi", { n: 0 });
    await under.until({ req: "file.changes" }, ({ total }) => total === 1);
    expect(await under.host.ask(QUERY)).toEqual({});
    await under.note("file-update.qi", { n: 1 });
    const reply = await under.until(QUERY, ({ set }) => set === true);
    expect(reply).toEqual({ files: ["file-update.qi", "modified"], set: true });
    await under.note("file-update.qi", { n: 2 });
    await under.until({ req: "file.changes" }, ({ total }) => total === 3);
    expect(fired).toEqual(["attention"]);
  });

  test("stays fired until it is armed again, and arming forgets what happened", async () => {
    await using under = await cardUnderTest();
    await under.host.ask(ARM);
    await under.note("file-update.qi", { n: 1 });
    await under.until(QUERY, ({ set }) => set === true);
    expect(await under.host.ask(QUERY)).toMatchObject({ set: true, files: expect.any(Array) });
    await under.host.ask({ ...ARM, mode: "rearm,files" });
    expect(await under.host.ask(QUERY)).toEqual({});
  });

  test("says what it watches, if asked to verify, and forgets nothing by that", async () => {
    await using under = await cardUnderTest();
    const verify = { ...QUERY, verify: true };
    expect(await under.host.ask(verify)).toEqual({ set: true });
    await under.host.ask({ ...ARM, files: ["file-update.qi", "other.db"] });
    expect(await under.host.ask(verify)).toEqual({ files: ["file-update.qi", "other.db"] });
    await under.note("file-update.qi", { n: 1 });
    await under.until(verify, ({ set }) => set === true);
    expect(await under.host.ask(QUERY)).toEqual({ files: ["file-update.qi", "modified"], set: true });
    await under.host.ask({ ...QUERY, mode: "-files" });
    expect(await under.host.ask(verify)).toEqual({
      set: true,
      files: expect.not.arrayContaining(["other.db"]),
    });
  });

  test("does not fire for what was there before", async () => {
    await using under = await cardUnderTest();
    await under.note("file-update.qi", { n: 1 });
    await under.until({ req: "file.changes" }, ({ total }) => total === 1);
    await under.host.ask(ARM);
    expect(await under.host.ask(QUERY)).toEqual({});
  });

  test("fires for variables and signals", async () => {
    await using under = await cardUnderTest();
    await under.until({ req: "hub.status" }, ({ connected }) => connected === true);
    await under.host.ask({ req: "card.attn", mode: "arm,env,signal" });
    const variables = { environment_variables: { a: "1" } };
    await under.test.api("PUT", `/devices/${DEVICE}/environment_variables`, variables);
    expect(await under.until(QUERY, ({ set }) => set === true)).toMatchObject({ files: ["env"] });
    await under.test.api("POST", `/devices/${DEVICE}/signal`, { body: {} });
    expect(await under.host.ask(QUERY)).toMatchObject({ files: ["env", "signal"] });
  });

  test("fires for variables and notefiles at once, also after it was rearmed without their names", async () => {
    await using under = await cardUnderTest();
    const set = (nf: string) =>
      under.test.api("PUT", `/fleets/${FLEET}/environment_variables`, { environment_variables: { nf } });
    await under.host.ask({ ...ARM, mode: "rearm,files,env" });
    await set("1");
    expect(await under.until(QUERY, (reply) => reply.set === true)).toEqual({ files: ["env"], set: true });
    await under.host.ask({ req: "card.attn", mode: "rearm" });
    expect(await under.host.ask(QUERY)).toEqual({});
    await under.note("file-update.qi", { n: 1 });
    await under.until(QUERY, (reply) => reply.set === true);
    await set("2");
    const both = await under.until(QUERY, ({ files }) => Array.isArray(files) && files.includes("env"));
    expect(both).toEqual({ files: ["file-update.qi", "modified", "env"], set: true });
    await under.host.ask({ req: "card.attn", mode: "rearm,-env" });
    await set("3");
    await under.until({ req: "env.get", name: "nf" }, ({ text }) => text === "3");
    expect(await under.host.ask(QUERY)).toEqual({});
  });

  test("keeps what a sleeping host gave it", async () => {
    await using under = await cardUnderTest();
    await under.host.ask({ req: "card.attn", mode: "sleep", seconds: 60, payload: "AQID" });
    expect(await under.host.ask({ req: "card.attn", start: true })).toMatchObject({
      payload: "AQID",
      time: expect.any(Number),
    });
    expect(await under.host.ask({ req: "card.attn", start: true })).not.toHaveProperty("payload");
  });
});

describe("attention", () => {
  const watching = (...modes: string[]) => {
    const attention = createAttention(() => {});
    attention.watch(modes, ["a.qi"]);
    return attention;
  };

  test("is HIGH when it is disarmed", () => {
    const attention = watching("files");
    attention.arm(0);
    expect(attention.read()).toEqual({});
    attention.disarm();
    expect(attention.read()).toEqual({ set: true });
  });

  test("ignores what is no longer watched", () => {
    for (const off of ["-files", "-all"]) {
      const attention = watching("files");
      attention.watch([off], undefined);
      attention.arm(0);
      attention.notifyFiles(["a.qi"]);
      expect(attention.read()).toEqual({});
    }
  });

  test("rearming keeps it armed, and what happened before it fired", () => {
    const attention = watching("files", "env");
    attention.rearm(0);
    attention.notify("env");
    attention.notifyFiles(["a.qi"]);
    expect(attention.read()).toEqual({ set: true, files: ["env", "a.qi", "modified"] });
    attention.rearm(0);
    expect(attention.read()).toEqual({});
  });

  test("is off until it is switched on", () => {
    const attention = watching("files");
    attention.enable(false);
    attention.arm(0);
    attention.notifyFiles(["a.qi"]);
    expect(attention.read()).toEqual({ off: true });
    attention.enable(true);
    attention.notifyFiles(["a.qi"]);
    expect(attention.read()).toMatchObject({ set: true });
  });

  test("fires when its time is up", async () => {
    const fired = new Promise<void>((resolve) => {
      const attention = createAttention(() => {
        expect(attention.read()).toEqual({ set: true, files: ["timeout"] });
        resolve();
      });
      attention.arm(0.01);
    });
    await fired;
  });
});
