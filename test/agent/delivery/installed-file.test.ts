import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { startDevice } from "../support/agent-under-test.ts";
import { sha256 } from "../support/fake-card.ts";
import { filesBelow } from "../support/files-below.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";

describe("an announced file", () => {
  test.each([0, 1, 5999, 6000, 6001, 100_003])("of %d bytes is installed as it is", async (size) => {
    const { fake, root, start } = await startDevice();
    const bytes = patternedBytes(size);
    fake.card.publish("data/table.bin", bytes);
    const installed = await start().next("installed");
    expect(await readFile(path.join(root, "data/table.bin"))).toEqual(bytes);
    expect(installed).toMatchObject({
      ...{ name: "data/table.bin", path: "data/table.bin", sha256: sha256(bytes), bytes: size },
      requests: Math.ceil(size / 6000), // none for an empty file [NF-3.6]
    });
    expect(fake.card.served).toBe(size);
    await expect.poll(() => fake.card.queue).toEqual([]);
    expect(await filesBelow(root)).toEqual(["data/table.bin"]);
  });

  test.each([
    ["devices/dev:864475012345678/app/main.py", "app/main.py"],
    ["fleets/fleet:1234-abcd/config.json", "config.json"],
    ["ünï cöde/a+b %41 &=?#;.txt", "ünï cöde/a+b %41 &=?#;.txt"],
  ])("of the key %s goes to %s [NF-1.3]", async (key, place) => {
    const { fake, root, start } = await startDevice();
    fake.card.publish(key, Buffer.from("hello\n"));
    expect(await start().next("installed")).toMatchObject({ name: key, path: place });
    expect(await readFile(path.join(root, place), "utf8")).toBe("hello\n");
  });

  test("is noticed while the agent waits", async () => {
    const { fake, root, start } = await startDevice();
    const agent = start();
    await agent.next("ready");
    fake.card.publish("a.txt", Buffer.from("one"));
    await agent.next("installed");
    fake.card.publish("a.txt", Buffer.from("two"));
    await agent.next("installed");
    expect(await readFile(path.join(root, "a.txt"), "utf8")).toBe("two");
  });

  test("leaves a receipt [NF-9.6]", async () => {
    const { fake, start } = await startDevice();
    const bytes = patternedBytes(7000);
    fake.card.publish("a.txt", bytes);
    await start().next("installed");
    const receipt = { name: "a.txt", sha256: sha256(bytes), state: "installed", bytes: 7000, requests: 2 };
    await expect.poll(() => fake.card.receipts).toEqual([receipt]);
  });
});

describe("the mode of a file [NF-9.3]", () => {
  test.each([
    ["a script", "#!/bin/sh\n", 0o755],
    ["an ELF file", "\x7fELF\x02\x01", 0o755],
    ["anything else", "print()\n", 0o644],
    ["one byte", "#", 0o644],
  ])("that is new: %s", async (_what, content, mode) => {
    const { fake, root, start } = await startDevice();
    fake.card.publish("f", Buffer.from(content));
    await start().next("installed");
    expect((await stat(path.join(root, "f"))).mode & 0o7777).toBe(mode);
  });

  test("that replaces one is that one's", async () => {
    const { fake, root, start } = await startDevice();
    await writeFile(path.join(root, "f"), "old");
    await chmod(path.join(root, "f"), 0o2750);
    fake.card.publish("f", Buffer.from("#!/bin/sh\n"));
    await start().next("installed");
    expect((await stat(path.join(root, "f"))).mode & 0o7777).toBe(0o2750);
  });
});
