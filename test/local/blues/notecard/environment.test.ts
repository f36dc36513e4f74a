import { describe, expect, test } from "vitest";
import { DEVICE, FLEET } from "../notehub/support/hub-under-test.ts";
import { ask } from "./support/ask-by-schema.ts";
import { cardUnderTest } from "./support/card-under-test.ts";
import { openLine } from "./support/serial-line.ts";

describe("environment variables", () => {
  test("come with a sync, and are asked for by name in any case", async () => {
    await using under = await cardUnderTest();
    const put = (path: string, variables: object) =>
      under.test.api("PUT", `${path}/environment_variables`, { environment_variables: variables });
    await put(`/fleets/${FLEET}`, { Pump: "on", lamp: "off" });
    await put(`/devices/${DEVICE}`, { lamp: "on" });
    await under.until({ req: "env.get", name: "lamp" }, ({ text }) => text === "on");
    expect(await ask(under, { req: "env.get", name: "PUMP" })).toMatchObject({ text: "on" });
    expect(await ask(under, { req: "env.get", names: ["pump"] })).toMatchObject({ body: { Pump: "on" } });
    const { body, time } = await ask(under, { req: "env.get" });
    expect(body).toEqual({ Pump: "on", lamp: "on" });
    expect((await ask(under, { req: "env.get", time })).err).toContain("{env-not-modified}");
    expect(await ask(under, { req: "env.modified" })).toEqual({ time });
    expect(await ask(under, { req: "env.modified", time: -1 })).toEqual({ time });
    expect(await ask(under, { req: "env.get", time: Number(time) - 1 })).toMatchObject({ body });
  });

  test("are there after a restart before it has synced, and what came again is no change", async () => {
    await using under = await cardUnderTest();
    const put = (path: string, variables: object) =>
      under.test.api("PUT", `${path}/environment_variables`, { environment_variables: variables });
    await put(`/fleets/${FLEET}`, { v: "1" });
    await under.until({ req: "env.get", name: "v" }, ({ text }) => text === "1");
    const { time } = await ask(under, { req: "env.modified" });
    await ask(under, { req: "hub.set", mode: "off" });
    await under.host.ask({ req: "card.restart" });
    await under.host.closed;
    await using again = await openLine(under.card.port);
    expect(await again.ask({ req: "env.get", name: "v" })).toEqual({ text: "1", time });

    await again.ask({ req: "card.attn", mode: "arm,env" });
    await put("", { v: "a project's, which the fleet's hides" });
    await put(`/fleets/${FLEET}`, { v: "2" });
    await put(`/fleets/${FLEET}`, { v: "1" });
    await again.ask({ req: "hub.set", mode: "continuous", sync: true });
    const synced = { status: "completed {sync-end}" };
    await expect.poll(() => again.ask({ req: "hub.sync.status" })).toMatchObject(synced);
    expect(await again.ask({ req: "card.attn" })).toEqual({});
    expect(await again.ask({ req: "env.modified" })).toEqual({ time });
  });
});
