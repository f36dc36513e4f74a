import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { startDevice } from "../support/agent-under-test.ts";
import { announcementOf } from "../support/fake-card.ts";
import { filesBelow } from "../support/files-below.ts";

describe("of several announcements", () => {
  test("the last-queued is fetched and the others are deleted [NF-2.2] [NF-2.3]", async () => {
    const { fake, root, start } = await startDevice();
    for (const version of ["v1", "v2", "v3"]) fake.card.publish("a.txt", Buffer.from(version));
    const agent = start();
    await agent.next("installed");
    await expect.poll(() => fake.card.queue).toEqual([]);
    expect(await readFile(path.join(root, "a.txt"), "utf8")).toBe("v3");
    expect(fake.card.fetches).toBe(1);
    expect(agent.events.filter(({ event }) => event === "superseded")).toHaveLength(2);
  });

  test("one that is no longer current is discarded, and the older-queued one is tried [NF-2.3]", async () => {
    const { fake, root, start } = await startDevice();
    const v1 = announcementOf("a.txt", Buffer.from("v1"));
    fake.card.publish("a.txt", Buffer.from("v2"));
    fake.card.announce(v1); // queued last by a notifier that was late
    const agent = start();
    expect(await agent.next("discarded")).toMatchObject({ name: "a.txt", reason: "file-changed" });
    await agent.next("installed");
    expect(await readFile(path.join(root, "a.txt"), "utf8")).toBe("v2");
    await expect.poll(() => fake.card.queue).toEqual([]);
  });

  test("one whose file is gone is discarded [NF-2.3]", async () => {
    const { fake, root, start } = await startDevice();
    fake.card.announce(announcementOf("a.txt", Buffer.from("gone")));
    const agent = start();
    expect(await agent.next("discarded")).toMatchObject({ reason: "file-not-found" });
    await expect.poll(() => fake.card.queue).toEqual([]);
    expect(await filesBelow(root)).toEqual([]);
  });

  test("one of content that is there already costs no fetch [NF-2.4]", async () => {
    const { fake, root, start } = await startDevice();
    await writeFile(path.join(root, "a.txt"), "same");
    fake.card.publish("a.txt", Buffer.from("same"));
    fake.card.publish("a.txt", Buffer.from("same"));
    const agent = start();
    await agent.next("unchanged");
    await expect.poll(() => fake.card.queue).toEqual([]);
    expect(fake.card.fetches).toBe(0);
    await expect
      .poll(() => fake.card.receipts)
      .toMatchObject([{ state: "unchanged", bytes: 0, requests: 0 }]);
  });

  test("each name gets its newest", async () => {
    const { fake, root, start } = await startDevice();
    for (const version of [1, 2]) {
      for (const name of ["a", "b", "c"]) fake.card.publish(name, Buffer.from(`${name}${version}`));
    }
    const agent = start();
    for (const _ of ["a", "b", "c"]) await agent.next("installed");
    const contents = await Promise.all(
      ["a", "b", "c"].map((name) => readFile(path.join(root, name), "utf8")),
    );
    expect(contents).toEqual(["a2", "b2", "c2"]);
    await expect.poll(() => fake.card.queue).toEqual([]);
    expect(fake.card.fetches).toBe(3);
  });

  test("a Note that announces nothing is refused, and what follows it is not held up [NF-2.1]", async () => {
    const { fake, root, start } = await startDevice();
    for (const body of [{}, { name: "x" }, { name: 1, size: -1 }, []]) fake.card.announce(body);
    fake.card.publish("a.txt", Buffer.from("good"));
    await start().next("installed");
    expect(await readFile(path.join(root, "a.txt"), "utf8")).toBe("good");
    await expect.poll(() => fake.card.queue).toEqual([]);
  });
});

describe("a Note", () => {
  test("is deleted only once its file is in place and its receipt is queued [NF-9.5]", async () => {
    const { fake, root, start } = await startDevice();
    const seen: unknown[] = [];
    fake.script = (request) => {
      if (request.delete === true)
        seen.push([existsSync(path.join(root, "a.txt")), fake.card.receipts.length]);
      return undefined;
    };
    fake.card.publish("a.txt", Buffer.from("x"));
    start();
    await expect.poll(() => fake.card.queue).toEqual([]);
    expect(seen).toEqual([[true, 1]]);
  });

  test("that nobody has read is not deleted when the reply to a deletion is lost", async () => {
    const { fake, root, start } = await startDevice();
    let deletions = 0;
    fake.script = (request) => {
      if (request.delete !== true) return undefined;
      deletions += 1;
      if (deletions > 1) return undefined;
      fake.card.publish("b.txt", Buffer.from("b")); // a repeat of the deletion would take this one
      return { mangle: () => Buffer.from("{\r\n") };
    };
    fake.card.publish("a.txt", Buffer.from("a"));
    const agent = start();
    await agent.next("installed");
    expect(await agent.next("installed")).toMatchObject({ name: "b.txt" });
    expect(await filesBelow(root)).toEqual(["a.txt", "b.txt"]);
    await expect.poll(() => fake.card.queue).toEqual([]);
    expect(deletions).toBe(2);
  });

  test("that cannot be settled yet does not hold up the files behind it", async () => {
    const { fake, root, start } = await startDevice();
    fake.script = ({ req, name }) =>
      req === "web.get" && String(name).includes("stuck") ? { reply: { result: 401 } } : undefined;
    fake.card.publish("stuck", Buffer.from("s"));
    fake.card.publish("a.txt", Buffer.from("a"));
    const agent = start({ flags: ["--rest", "3600"] });
    await agent.next("installed");
    fake.card.publish("b.txt", Buffer.from("b"));
    await agent.next("installed");
    expect(await filesBelow(root)).toEqual(["a.txt", "b.txt"]);
    expect(fake.card.queue).toHaveLength(3);
    await agent.stop();
    fake.script = undefined;
    const again = start();
    await again.next("installed");
    await expect.poll(() => fake.card.queue).toEqual([]);
    expect(again.events.filter(({ event }) => event === "unchanged")).toHaveLength(2);
  });
});
