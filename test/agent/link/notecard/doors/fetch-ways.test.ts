import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { startDevice } from "../../../support/agent-under-test.ts";
import { announcementOf } from "../../../support/fake-card.ts";
import { filesBelow } from "../../../support/files-below.ts";
import { patternedBytes } from "../../../support/patterned-bytes.ts";

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
    fake.card.announce(announcementOf("gone", Buffer.from("gone")));
    fake.card.announce(announcementOf("changed", Buffer.from("old")));
    fake.card.files.set("changed", Buffer.from("new"));
    fake.card.announce({ ...announcementOf("longer", Buffer.from("long")), size: 9 });
    fake.card.files.set("longer", Buffer.from("long"));
    const agent = start({ flags: ["--fetch", way] });
    const [first, second] = [await agent.next("discarded"), await agent.next("discarded")];
    expect([first, second]).toMatchObject([
      { name: "gone", reason: "file-not-found" },
      { name: "changed", reason: "file-changed" },
    ]);
    expect(await agent.next("failed")).toMatchObject({ name: "longer", reason: "wrong-size" });
    expect(await filesBelow(root)).toEqual([]);
  });

  test("auto goes on to the next where a server or a Notecard knows no ranges, and seldom asks again", async () => {
    const { fake, root, start } = await startDevice();
    fake.script = ({ req, name }) => {
      if (req === "card.binary") return { reply: { err: "no such request {not-supported}" } };
      return req === "web.get" && String(name).startsWith("/files/") ? { reply: { result: 302 } } : undefined;
    };
    const bytes = patternedBytes(60_000);
    fake.card.publish("a.bin", bytes);
    const installed = await start({ flags: ["--fetch", "auto"] }).next("installed");
    expect(await readFile(path.join(root, "a.bin"))).toEqual(bytes);
    expect(installed).toMatchObject({ bytes: 60_000, requests: 10 });
    // Before the 1st, 2nd, 4th and 8th of ten chunks.
    expect(fake.requests.filter(({ name }) => String(name).startsWith("/files/"))).toHaveLength(4);
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
