import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { startDevice } from "../support/agent-under-test.ts";
import { announcementOf, sha256 } from "../support/fake-card.ts";
import { filesBelow } from "../support/files-below.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";

describe("a file that is replaced on the server while it is fetched", () => {
  test("never mixes with the next version [NF-3.7]", async () => {
    const { fake, root, start } = await startDevice();
    const [v1, v2] = [patternedBytes(60_000, 1), patternedBytes(60_000, 2)];
    fake.card.publish("a.bin", v1);
    fake.script = () => {
      if (fake.card.fetches === 4) fake.card.files.set("a.bin", v2);
      return undefined;
    };
    const agent = start();
    await agent.next("discarded");
    expect(await filesBelow(root)).toEqual([]);
    fake.script = undefined;
    fake.card.publish("a.bin", v2);
    await agent.next("installed");
    expect(await readFile(path.join(root, "a.bin"))).toEqual(v2);
  });
});

describe("an announcement that does not tell the truth [NF-9.1]", () => {
  test("about the content leaves the old file", async () => {
    const { fake, root, start } = await startDevice();
    await writeFile(path.join(root, "a.txt"), "old");
    fake.card.files.set("a.txt", Buffer.from("new!"));
    fake.card.announce({
      ...announcementOf("a.txt", Buffer.from("new!")),
      sha256: sha256(Buffer.from("other")),
    });
    const agent = start();
    expect(await agent.next("failed")).toMatchObject({
      reason: "wrong-hash",
      retrySeconds: expect.anything(),
    });
    const last = await agent.next("failed");
    expect(last).toMatchObject({ reason: "wrong-hash" });
    expect(last).not.toHaveProperty("retrySeconds");
    expect(await readFile(path.join(root, "a.txt"), "utf8")).toBe("old");
    expect(await filesBelow(root)).toEqual(["a.txt"]);
    await expect.poll(() => fake.card.queue).toEqual([]);
    expect(fake.card.fetches).toBe(2);
  });

  test("as it seems, because the line spoilt a byte, leads to the file in the end", async () => {
    const { fake, root, start } = await startDevice();
    const content = patternedBytes(5000, 3);
    fake.card.publish("a.bin", content);
    fake.withCrc = false;
    const spoil = (line: Buffer) =>
      Buffer.from(line.toString().replace(/"payload":"..../, '"payload":"AAAA'));
    fake.script = () => (fake.card.fetches === 0 ? { mangle: spoil } : undefined);
    const agent = start({ flags: ["--fetch", "raw"] });
    expect(await agent.next("failed")).toMatchObject({ reason: "wrong-hash" });
    await agent.next("installed");
    expect(await readFile(path.join(root, "a.bin"))).toEqual(content);
  });

  test.each([2, 6])("about the size (%d of 4) leaves the old file", async (size) => {
    const { fake, root, start } = await startDevice();
    await writeFile(path.join(root, "a.txt"), "old");
    fake.card.files.set("a.txt", Buffer.from("new!"));
    fake.card.announce({ ...announcementOf("a.txt", Buffer.from("new!")), size });
    expect(await start().next("failed")).toMatchObject({ reason: "wrong-size" });
    expect(await readFile(path.join(root, "a.txt"), "utf8")).toBe("old");
  });
});
