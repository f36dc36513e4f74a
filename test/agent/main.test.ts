import { describe, expect, test } from "vitest";
import { startDevice } from "./support/agent-under-test.ts";

describe("the process", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "ends at once with 0 on %s, whatever it waits for",
    async (signal) => {
      const { fake, spawn } = await startDevice();
      fake.script = ({ req }) => (req === "web.get" ? { silent: true } : undefined);
      fake.card.publish("a.txt", Buffer.from("x"));
      const agent = spawn();
      await expect.poll(() => fake.requests.at(-1)?.req).toBe("web.get");
      expect(await agent.stop(signal)).toBe(0);
      expect(agent.errors).toEqual([`stopping: told to by ${signal}; once more ends it at once`]);
      expect(agent.events.map(({ event }) => event)).toEqual(["ready", "announced"]);
    },
  );

  test("names what it cannot use, and ends with 2 or 3", async () => {
    const { root, spawn } = await startDevice();
    expect(await spawn({ flags: ["--nonsense"] }).ended).toBe(2);
    const inside = spawn({ flags: ["--state", root] });
    expect(await inside.ended).toBe(3);
    expect(inside.errors.join()).toContain("inside the root");
  });
});

test.each([
  [["--chunk-size", "6001"], "--chunk-size"],
  [["--notecard", "http://x"], "--notecard"],
  [["--mode", "fast"], "--mode"],
  [["--nonsense"], "--nonsense"],
])("the flag that is not understood is named: %j", async (flags, name) => {
  const { start } = await startDevice();
  const agent = start({ flags });
  expect(await agent.ended).toBe(2);
  expect(agent.errors.join()).toContain(name);
});
