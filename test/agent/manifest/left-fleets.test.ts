import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { MOST_LEFT, MOST_NOT_HEARD, tooOld } from "../../../agent/manifest/too-old.ts";
import { deviceOfFleet } from "../support/fleet-device.ts";
import { createFleet } from "../support/fleet-files.ts";

test("a device that goes through fleet after fleet keeps the manifests of the last it has left, and the files of all [NF-11.10]", async () => {
  const { start, card, content, state } = await deviceOfFleet();
  const fleets = Array.from({ length: MOST_LEFT + 6 }, (_, at) =>
    createFleet(card, { fleet: `fleet:${at}-${"x".repeat(20)}` }),
  );
  const kept = async () =>
    (await readdir(path.join(state, "manifests"))).filter((name) => /\.(?:json|progress)$/.test(name));
  let agent = start();
  for (const [at, fleet] of fleets.entries()) {
    if (at > 0) card.setVariable(fleets[at - 1]?.variable ?? "", undefined);
    fleet.announce({ [`of-${at}.txt`]: Buffer.from(`${at}`) });
    await agent.next("brought");
    if (at !== MOST_LEFT) continue;
    await agent.stop(); // which is the oldest is on disk
    agent = start();
  }
  await expect.poll(kept).toHaveLength(2 * (MOST_LEFT + 1));
  await agent.stop();
  const { manifests } = JSON.parse(await readFile(path.join(state, "unsent.json"), "utf8"));
  const last = fleets.slice(-MOST_LEFT - 1).map((fleet) => fleet.manifest().fleet);
  expect(Object.keys(manifests).toSorted()).toEqual(last.toSorted());
  for (const at of fleets.keys()) expect(String(await content(`of-${at}.txt`))).toBe(`${at}`);

  // Back in the first one, it hears it anew; what is there is not fetched.
  const [first] = fleets;
  card.setVariable(fleets.at(-1)?.variable ?? "", undefined);
  const before = card.fetches;
  first?.announce({ "more.txt": Buffer.from("more") });
  const next = start();
  expect(await next.next("brought")).toMatchObject({ installed: 1, unchanged: 1 });
  expect(card.fetches - before).toBeLessThanOrEqual(2);
}, 60_000);

const fleets = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, at) => ({
    ...{ fleet: `${at}`, isHeard: false, left: false, isBusy: false, ...more },
  }));

test("who hears of all manifests forgets of those that were left alone, the oldest; who does not, of those that nothing waits for", () => {
  expect(tooOld(fleets(100), true)).toEqual([]);
  expect(tooOld(fleets(MOST_LEFT + 2, { left: true }), true)).toEqual(["0", "1"]);
  expect(tooOld(fleets(MOST_LEFT + 2, { left: true, isHeard: true }), true)).toEqual([]);
  expect(tooOld(fleets(MOST_NOT_HEARD), false)).toEqual([]);
  expect(tooOld(fleets(MOST_NOT_HEARD + 1), false)).toEqual(["0"]);
  expect(tooOld(fleets(MOST_NOT_HEARD + 1, { isBusy: true }), false)).toEqual([]);
});
