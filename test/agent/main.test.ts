import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { startDevice } from "./support/agent-under-test.ts";
import { announcementOf, sha256 } from "./support/fake-card.ts";
import { startFakeNotecard } from "./support/fake-notecard.ts";
import { etagOf } from "./support/fake-server.ts";
import { patternedBytes } from "./support/patterned-bytes.ts";

const text = (content: string) => Buffer.from(content);

/** Every file below a folder, by its path. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .toSorted();
}

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
    fake.card.publish(key, text("hello\n"));
    expect(await start().next("installed")).toMatchObject({ name: key, path: place });
    expect(await readFile(path.join(root, place), "utf8")).toBe("hello\n");
  });

  test("is noticed while the agent waits", async () => {
    const { fake, root, start } = await startDevice();
    const agent = start();
    await agent.next("ready");
    fake.card.publish("a.txt", text("one"));
    await agent.next("installed");
    fake.card.publish("a.txt", text("two"));
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
    ["anything else", "print()\n", 0o644],
    ["one byte", "#", 0o644],
  ])("that is new: %s", async (_what, content, mode) => {
    const { fake, root, start } = await startDevice();
    fake.card.publish("f", text(content));
    await start().next("installed");
    expect((await stat(path.join(root, "f"))).mode & 0o7777).toBe(mode);
  });

  test("that replaces one is that one's", async () => {
    const { fake, root, start } = await startDevice();
    await writeFile(path.join(root, "f"), "old");
    await chmod(path.join(root, "f"), 0o2750);
    fake.card.publish("f", text("#!/bin/sh\n"));
    await start().next("installed");
    expect((await stat(path.join(root, "f"))).mode & 0o7777).toBe(0o2750);
  });
});

describe("of several announcements", () => {
  test("the last-queued is fetched and the others are deleted [NF-2.2] [NF-2.3]", async () => {
    const { fake, root, start } = await startDevice();
    for (const version of ["v1", "v2", "v3"]) fake.card.publish("a.txt", text(version));
    const agent = start();
    await agent.next("installed");
    await expect.poll(() => fake.card.queue).toEqual([]);
    expect(await readFile(path.join(root, "a.txt"), "utf8")).toBe("v3");
    expect(fake.card.fetches).toBe(1);
    expect(agent.events.filter(({ event }) => event === "superseded")).toHaveLength(2);
  });

  test("one that is no longer current is discarded, and the older-queued one is tried [NF-2.3]", async () => {
    const { fake, root, start } = await startDevice();
    const v1 = announcementOf("a.txt", text("v1"));
    fake.card.publish("a.txt", text("v2"));
    fake.card.announce(v1); // queued last by a notifier that was late
    const agent = start();
    expect(await agent.next("discarded")).toMatchObject({ name: "a.txt", reason: "file-changed" });
    await agent.next("installed");
    expect(await readFile(path.join(root, "a.txt"), "utf8")).toBe("v2");
    await expect.poll(() => fake.card.queue).toEqual([]);
  });

  test("one whose file is gone is discarded [NF-2.3]", async () => {
    const { fake, root, start } = await startDevice();
    fake.card.announce(announcementOf("a.txt", text("gone")));
    const agent = start();
    expect(await agent.next("discarded")).toMatchObject({ reason: "file-not-found" });
    await expect.poll(() => fake.card.queue).toEqual([]);
    expect(await filesBelow(root)).toEqual([]);
  });

  test("one of content that is there already costs no fetch [NF-2.4]", async () => {
    const { fake, root, start } = await startDevice();
    await writeFile(path.join(root, "a.txt"), "same");
    fake.card.publish("a.txt", text("same"));
    fake.card.publish("a.txt", text("same"));
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
      for (const name of ["a", "b", "c"]) fake.card.publish(name, text(`${name}${version}`));
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
    fake.card.publish("a.txt", text("good"));
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
    fake.card.publish("a.txt", text("x"));
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
      fake.card.publish("b.txt", text("b")); // a repeat of the deletion would take this one
      return { mangle: () => Buffer.from("{\r\n") };
    };
    fake.card.publish("a.txt", text("a"));
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
    fake.card.publish("stuck", text("s"));
    fake.card.publish("a.txt", text("a"));
    const agent = start({ flags: ["--rest", "3600"] });
    await agent.next("installed");
    fake.card.publish("b.txt", text("b"));
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
    fake.card.files.set("a.txt", text("new!"));
    fake.card.announce({ ...announcementOf("a.txt", text("new!")), sha256: sha256(text("other")) });
    expect(await start().next("failed")).toMatchObject({ reason: "wrong-hash" });
    expect(await readFile(path.join(root, "a.txt"), "utf8")).toBe("old");
    expect(await filesBelow(root)).toEqual(["a.txt"]);
    await expect.poll(() => fake.card.queue).toEqual([]);
    expect(fake.card.fetches).toBe(1);
  });

  test.each([2, 6])("about the size (%d of 4) leaves the old file", async (size) => {
    const { fake, root, start } = await startDevice();
    await writeFile(path.join(root, "a.txt"), "old");
    fake.card.files.set("a.txt", text("new!"));
    fake.card.announce({ ...announcementOf("a.txt", text("new!")), size });
    expect(await start().next("failed")).toMatchObject({ reason: "wrong-size" });
    expect(await readFile(path.join(root, "a.txt"), "utf8")).toBe("old");
  });
});

describe("nothing is written outside the root [NF-9.4]", () => {
  test.each([
    "../evil",
    "a/../../evil",
    "/etc/evil",
    "a//b",
    "./a",
    "a\\b",
    "devices/dev:1/../../evil",
    "devices/nobody/a",
  ])("for the name %j", async (name) => {
    const { fake, folder, root, start } = await startDevice();
    fake.card.publish(name, text("evil"));
    await start().next("refused");
    await expect.poll(() => fake.card.queue).toEqual([]);
    expect(await filesBelow(root)).toEqual([]);
    expect((await readdir(folder)).toSorted()).toEqual(["root", "state"]);
    expect(fake.card.fetches).toBe(0);
  });

  test.each(["out/a.txt", "out", "in/out/a.txt"])("through a link: %s", async (name) => {
    const { fake, folder, root, start } = await startDevice();
    await mkdir(path.join(folder, "outside"));
    await mkdir(path.join(root, "in"));
    await symlink("../outside", path.join(root, "out"));
    await symlink("../../outside", path.join(root, "in/out"));
    fake.card.publish(name, text("evil"));
    expect(await start().next("refused")).toMatchObject({ reason: "symbolic-link" });
    expect(await readdir(path.join(folder, "outside"))).toEqual([]);
    expect(fake.card.fetches).toBe(0);
  });

  test("while links below the root are followed", async () => {
    const { fake, root, start } = await startDevice();
    await mkdir(path.join(root, "releases/7"), { recursive: true });
    await symlink("releases/7", path.join(root, "current"));
    await writeFile(path.join(root, "releases/7/old.txt"), "old");
    await symlink("releases/7/old.txt", path.join(root, "link.txt"));
    fake.card.publish("current/a.txt", text("a"));
    fake.card.publish("link.txt", text("new"));
    const agent = start();
    await agent.next("installed");
    await agent.next("installed");
    expect(await readFile(path.join(root, "releases/7/a.txt"), "utf8")).toBe("a");
    expect(await readFile(path.join(root, "releases/7/old.txt"), "utf8")).toBe("new");
    expect((await stat(path.join(root, "current"))).isDirectory()).toBe(true);
  });
});

describe("a place that cannot be had is refused before anything is fetched", () => {
  test.each([
    ["folder", "is-a-folder"],
    ["file/a.txt", "not-a-folder"],
    [`${"n".repeat(120)}/${".noteferry-1"}`, "reserved"],
  ])("%s: %s", async (name, reason) => {
    const { fake, root, start } = await startDevice();
    await mkdir(path.join(root, "folder"));
    await writeFile(path.join(root, "file"), "");
    fake.card.publish(name, text("x"));
    expect(await start().next("refused")).toMatchObject({ reason });
    expect(fake.card.fetches).toBe(0);
    expect(await filesBelow(root)).toEqual(["file"]);
    await expect.poll(() => fake.card.receipts).toMatchObject([{ state: "refused", reason }]);
  });
});

describe("a server in trouble [NF-6.4]", () => {
  test.each([
    [429, { err: "slow {slow-down}", retry: 0 }, "busy"],
    [503, { err: "wait {try-again}", retry: 0 }, "busy"],
    [502, undefined, "busy"],
  ])("status %d is tried again", async (result, body, reason) => {
    const { fake, start } = await startDevice();
    let left = 2;
    fake.script = ({ req }) => (req === "web.get" && left-- > 0 ? { reply: { result, body } } : undefined);
    fake.card.publish("a.txt", text("x"));
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
    fake.card.publish("a.txt", text("x"));
    const agent = start();
    expect(await agent.next("failed")).toMatchObject({ reason, retrySeconds: 0.2 });
    expect(await agent.next("failed")).toMatchObject({ reason, retrySeconds: 0.4 });
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
      req === "web.get" && String(name).includes(etagOf(text("bad")))
        ? { reply: { result: 200, body: {} } }
        : undefined;
    fake.card.publish("a.txt", text("bad"));
    const agent = start({ flags: ["--rest", "3600"] });
    expect(await agent.next("failed")).toMatchObject({ reason: "damaged", retrySeconds: 3600 });
    fake.card.publish("a.txt", text("good"));
    await agent.next("installed");
    expect(await readFile(path.join(root, "a.txt"), "utf8")).toBe("good");
  });
});

describe("the way bytes are fetched", () => {
  test.each([
    ["binary", 200_001, 65_536],
    ["raw", 20_001, 8192],
    ["json", 20_001, 6000],
    ["auto", 200_001, 65_536],
  ])("%s: every byte once, and %d of them in requests of %d", async (way, size, perRequest) => {
    const { fake, root, start } = await startDevice();
    const bytes = patternedBytes(size);
    fake.card.publish("ünï/a b.bin", bytes);
    const installed = await start({ flags: ["--fetch", way] }).next("installed");
    expect(await readFile(path.join(root, "ünï/a b.bin"))).toEqual(bytes);
    expect(installed).toMatchObject({ bytes: size, requests: Math.ceil(size / perRequest) });
    expect(fake.card.served).toBe(size);
  });

  test.each(["binary", "raw", "json"])("%s: each refusal of the server is understood", async (way) => {
    const { fake, root, start } = await startDevice();
    fake.card.announce(announcementOf("gone", text("gone")));
    fake.card.announce(announcementOf("changed", text("old")));
    fake.card.files.set("changed", text("new"));
    fake.card.announce({ ...announcementOf("longer", text("long")), size: 9 });
    fake.card.files.set("longer", text("long"));
    const agent = start({ flags: ["--fetch", way] });
    const [first, second] = [await agent.next("discarded"), await agent.next("discarded")];
    expect([first, second]).toMatchObject([
      { name: "gone", reason: "file-not-found" },
      { name: "changed", reason: "file-changed" },
    ]);
    expect(await agent.next("failed")).toMatchObject({ name: "longer", reason: "wrong-size" });
    expect(await filesBelow(root)).toEqual([]);
  });

  test("auto goes on to the next where a server or a Notecard knows no ranges, and stays there", async () => {
    const { fake, root, start } = await startDevice();
    fake.script = ({ req, name }) => {
      if (req === "card.binary") return { reply: { err: "no such request {not-supported}" } };
      return req === "web.get" && String(name).startsWith("/files/") ? { reply: { result: 302 } } : undefined;
    };
    const bytes = patternedBytes(13_000);
    fake.card.publish("a.bin", bytes);
    await start({ flags: ["--fetch", "auto"] }).next("installed");
    expect(await readFile(path.join(root, "a.bin"))).toEqual(bytes);
    expect(fake.requests.filter(({ name }) => String(name).startsWith("/files/"))).toHaveLength(1);
  });

  test.each([
    ["json", 6000, [6000, 3000, 1500]],
    ["raw", 8192, [8192, 4096, 2048]],
  ])("%s: a time-out makes the next request smaller", async (way, _largest, sizes) => {
    const { fake, root, start } = await startDevice();
    const bytes = patternedBytes(30_000);
    let left = 2;
    fake.script = ({ req }) =>
      req === "web.get" && left-- > 0 ? { reply: { err: "{route-timeout}" } } : undefined;
    fake.card.publish("a.bin", bytes);
    await start({ flags: ["--fetch", way] }).next("installed");
    expect(await readFile(path.join(root, "a.bin"))).toEqual(bytes);
    expect(fake.card.served).toBe(30_000);
    const asked = fake.requests
      .filter(({ req }) => req === "web.get")
      .map(({ name, max }) => Number(max ?? /size=(\d+)/.exec(String(name))?.[1]));
    expect(asked.slice(0, 3)).toEqual(sizes);
  });
});

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
    fake.card.publish("a.txt", text("x"));
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
    fake.card.publish("a.txt", text("x"));
    await start().next("installed");
    const sets = fake.requests.filter(({ req }) => req === "hub.set");
    expect(sets).toEqual([
      { req: "hub.set", on: true, seconds: 1800 },
      { req: "hub.set", off: true },
    ]);
  });
});

describe("the process", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "ends at once with 0 on %s, whatever it waits for",
    async (signal) => {
      const { fake, spawn } = await startDevice();
      fake.script = ({ req }) => (req === "web.get" ? { silent: true } : undefined);
      fake.card.publish("a.txt", text("x"));
      const agent = spawn();
      await expect.poll(() => fake.requests.at(-1)?.req).toBe("web.get");
      expect(await agent.stop(signal)).toBe(0);
      expect(agent.errors).toEqual([]);
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

test("a state folder inside the root, or in use, is refused [NF-9.4]", async () => {
  const { root, start } = await startDevice();
  const inside = start({ flags: ["--state", path.join(root, "state")] });
  expect(await inside.ended).toBe(3);
  expect(inside.errors.join()).toContain("inside the root");
  expect(await filesBelow(root)).toEqual([]);
  await start().next("ready");
  await expect(start().next("ready")).rejects.toThrow("another agent");
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
