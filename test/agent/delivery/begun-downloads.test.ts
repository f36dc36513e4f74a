import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { formOf, judgeWay, waysToGo } from "../../../agent/delivery/ways.ts";
import { createInstaller } from "../../../agent/install/installer.ts";
import { LinkDown } from "../../../agent/link/link.ts";
import { openLatestVersions } from "../../../agent/state/latest-versions.ts";
import { openPartialFiles } from "../../../agent/state/partial-files.ts";
import { announcementOf } from "../../protocol/support/announcements.ts";
import { deviceWith } from "../support/device-with-file.ts";
import { publishPacked, sourceText, zstdOf } from "../support/packed.ts";

test("a form that breaks the link nine times is not asked for any more [NF-10.6]", async () => {
  const { root } = await deviceWith(undefined);
  const folder = path.join(root, "../partial");
  const doubts = new Map();
  const delivery = {
    ...{
      announcement: announcementOf({ z: 2000 }),
      path: "app/main.py",
      payloads: [],
      signal: AbortSignal.any([]),
    },
    ...{ note: { doubts, unwritten: undefined }, unpacking: { zstdMaxBytes: 1e6, patchMaxBytes: 1e6 } },
    files: {
      installer: await createInstaller(root),
      partials: await openPartialFiles(folder),
      latest: await openLatestVersions(path.join(root, "../latest.json")),
      placing: undefined as never, // nothing is put in place
    },
  };
  for (let broken = 0; broken < 9; broken += 1) {
    const [way] = (await waysToGo(delivery)).ways;
    if (way?.way !== "zstd") throw new Error(`after ${broken} links it is ${way?.way}`);
    expect(judgeWay(new LinkDown("the line broke"), formOf(way), doubts)).toBe("fine");
  }
  expect((await waysToGo(delivery)).ways.map(({ way }) => way)).toEqual(["whole"]);
});

describe("a download of a form [NF-10.5]", () => {
  const big = sourceText(60_000, 5);
  const zstd = zstdOf(big);

  test("is gone on with after a restart, and is not mixed with another form's", async () => {
    const { card, spawn, fake, file, name } = await deviceWith(undefined);
    publishPacked(card, name, big, { zstd });
    const first = spawn({ flags: ["--chunk-size", "2000"] });
    await first.next("chunk");
    await first.next("chunk");
    await first.stop("SIGKILL");
    const before = card.served;
    fake.card.reset();
    const installed = await spawn({ flags: ["--chunk-size", "2000"] }).next("installed");
    expect(installed).toMatchObject({ way: "zstd" });
    expect(await readFile(file)).toEqual(big);
    expect(before).toBeGreaterThanOrEqual(4000);
    expect(card.served).toBeLessThanOrEqual(zstd.length + 2000);
  });

  test("of the whole file is gone on with, since better ones were tried before", async () => {
    const { card, spawn, file, name } = await deviceWith(undefined);
    const broken = zstd.subarray(0, -20);
    publishPacked(card, name, big, { zstd: broken });
    let wholeRequests = 0;
    card.stranger = ({ name: asked }) => {
      if (!String(asked).includes("packed")) wholeRequests += 1;
      return wholeRequests > 2 ? { status: 503, text: "" } : undefined;
    };
    const first = spawn();
    await first.next("fell-back");
    await expect.poll(() => wholeRequests).toBeGreaterThan(2);
    await first.stop("SIGKILL");
    card.stranger = undefined;
    expect(await spawn().next("installed")).toMatchObject({ way: "whole" });
    expect(await readFile(file)).toEqual(big);
    expect(card.served).toBe(broken.length + big.length);
  });

  test("waits for a connection as any other, instead of costing more", async () => {
    const { card, start, name } = await deviceWith(undefined);
    publishPacked(card, name, big, { zstd });
    card.stranger = () => ({ status: 503, text: "" });
    const agent = start();
    expect(await agent.next("failed")).toMatchObject({ reason: "busy" });
    card.stranger = undefined;
    expect(await agent.next("installed")).toMatchObject({ way: "zstd" });
  });

  test("outlasts an outage of any length: what it costs is what it would have cost", async () => {
    const { card, start, name } = await deviceWith(undefined);
    publishPacked(card, name, big, { zstd });
    card.stranger = () => ({ status: 503, text: "" });
    const agent = start({ flags: ["--rest", "0.01"] });
    for (let failures = 0; failures < 7; failures += 1) await agent.next("failed");
    card.stranger = undefined;
    expect(await agent.next("installed")).toMatchObject({ way: "zstd", bytes: zstd.length });
    expect(card.served).toBe(zstd.length);
    expect(agent.events.some(({ event }) => event === "fell-back")).toBe(false);
  });

  test("is given up for the next best if the server can never serve it", async () => {
    const { card, start, name } = await deviceWith(undefined);
    publishPacked(card, name, big, { zstd });
    card.stranger = ({ name: asked }) =>
      String(asked).includes("packed") ? { status: 503, text: "" } : undefined;
    const agent = start();
    expect(await agent.next("installed")).toMatchObject({ way: "whole" });
    expect(agent.events.filter(({ event }) => event === "failed")).toHaveLength(2);
    expect(card.served).toBe(big.length); // what was fetched to see whether the next one is served is not fetched again
  });
});
