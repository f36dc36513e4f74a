import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { startDevice } from "../support/agent-under-test.ts";
import { etagOf } from "../support/fake-server.ts";

describe("a server in trouble [NF-6.4]", () => {
  test.each([
    [429, { err: "slow {slow-down}", retry: 0 }, "busy"],
    [503, { err: "wait {try-again}", retry: 0 }, "busy"],
    [502, undefined, "busy"],
  ])("status %d is tried again", async (result, body, reason) => {
    const { fake, start } = await startDevice();
    let left = 2;
    fake.script = ({ req }) => (req === "web.get" && left-- > 0 ? { reply: { result, body } } : undefined);
    fake.card.publish("a.txt", Buffer.from("x"));
    const agent = start();
    expect(await agent.next("retrying")).toMatchObject({ reason, attempt: 1 });
    await agent.next("retrying");
    await agent.next("installed");
  });

  test.each([
    [{ result: 401, body: { err: "no {unauthorized}" } }, "unauthorized"],
    [{ result: 403 }, "unauthorized"],
    [{ err: "no route {route-config}" }, "route"],
    [{ err: "web operations require being online {hub-mode}" }, "mode"],
  ])("%j ends the delivery; it is begun again after a rest", async (reply, reason) => {
    const { fake, start } = await startDevice();
    fake.script = ({ req }) => (req === "web.get" ? { reply } : undefined);
    fake.card.publish("a.txt", Buffer.from("x"));
    const agent = start();
    expect(await agent.next("failed")).toMatchObject({ reason, retrySeconds: expect.closeTo(0.15, 1) });
    const { retrySeconds } = await agent.next("failed");
    expect(retrySeconds).toBeGreaterThanOrEqual(0.2);
    expect(retrySeconds).toBeLessThanOrEqual(0.4);
    fake.script = undefined;
    await agent.next("installed");
    expect(agent.events.some(({ event }) => event === "retrying")).toBe(false);
    await expect
      .poll(() => fake.card.receipts)
      .toMatchObject([{ state: "failed", reason }, { state: "installed" }]);
  });

  test("a chunk that never comes right ends the delivery with a reason; a newer announcement does not wait", async () => {
    const { fake, root, start } = await startDevice();
    fake.script = ({ req, name }) =>
      req === "web.get" && String(name).includes(etagOf(Buffer.from("bad")))
        ? { reply: { result: 200, body: {} } }
        : undefined;
    fake.card.publish("a.txt", Buffer.from("bad"));
    const agent = start({ flags: ["--rest", "3600"] });
    expect(await agent.next("failed")).toMatchObject({ reason: "damaged" });
    fake.card.publish("a.txt", Buffer.from("good"));
    await agent.next("installed");
    expect(await readFile(path.join(root, "a.txt"), "utf8")).toBe("good");
  });
});
