import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { startDevice } from "../support/agent-under-test.ts";
import { startFakeNotecard } from "../support/fake-notecard.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";

describe("the line to the Notecard", () => {
  test("may break at any time: the download goes on where it was", async () => {
    const { fake, root, start } = await startDevice();
    const bytes = patternedBytes(60_000);
    fake.card.publish("a.bin", bytes);
    let count = 0;
    fake.script = ({ req }) => {
      if (req !== "web.get") return undefined;
      count += 1;
      return count % 4 === 0 ? { hangUp: true } : undefined;
    };
    const agent = start();
    await agent.next("installed");
    expect(await readFile(path.join(root, "a.bin"))).toEqual(bytes);
    expect(fake.card.served).toBe(60_000); // no byte twice
    expect(agent.events.some(({ event }) => event === "resumed")).toBe(true);
  });

  test("may not be there yet", async () => {
    const { fake, start } = await startDevice();
    const { port } = fake;
    await fake.close();
    const agent = start();
    await agent.next("waiting");
    const later = await startFakeNotecard(port);
    try {
      await agent.next("ready");
    } finally {
      await later.close();
    }
  });
});

describe("the Notecard's own settings", () => {
  test("are left alone unless flags ask for a change", async () => {
    const { fake, start } = await startDevice();
    fake.card.publish("a.txt", Buffer.from("x"));
    await start().next("installed");
    expect(fake.requests.filter(({ req }) => req === "hub.set")).toEqual([]);
  });

  test("are changed where the flags differ", async () => {
    const { fake, start } = await startDevice();
    await start({ flags: ["--product", "com.example:fake", "--mode", "periodic"] }).next("ready");
    expect(fake.requests.filter(({ req }) => req === "hub.set")).toEqual([
      { req: "hub.set", mode: "periodic", inbound: 60 },
    ]);
  });

  test("stay periodic, though a fetch needs a connection", async () => {
    const { fake, start } = await startDevice();
    fake.card.hub.mode = "periodic";
    fake.card.publish("a.txt", Buffer.from("x"));
    await start().next("installed");
    const sets = fake.requests.filter(({ req }) => req === "hub.set");
    expect(sets).toEqual([
      { req: "hub.set", on: true, seconds: 300 },
      { req: "hub.set", off: true },
    ]);
  });
});
