import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { startDevice } from "../support/agent-under-test.ts";
import { createFleet, FLEET, manifestReceipts } from "../support/fleet-files.ts";
import { edited, sourceText } from "../support/packed.ts";

const filesOf = (count: number, seed = 1) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`app/file-${at}.py`, sourceText(800 + at, seed + at)]),
  );

async function deviceOfFleet(options = {}) {
  const device = await startDevice();
  const { card } = device.fake;
  const fleet = createFleet(card, options);
  const content = (file: string) => readFile(path.join(device.root, file)).catch(() => undefined);
  const receipts = () => manifestReceipts(card);
  return { ...device, card, fleet, content, receipts };
}

describe("a fleet's manifest", () => {
  test("brings every file, and says so in one receipt [NF-11.10] [NF-11.12]", async () => {
    const { start, fleet, content, receipts, card } = await deviceOfFleet();
    const files = filesOf(5);
    const { serial } = fleet.announce(files);
    const agent = start();
    expect(await agent.next("brought")).toMatchObject({ serial, installed: 5, exceptions: 0 });
    for (const [file, bytes] of Object.entries(files)) expect(await content(file)).toEqual(bytes);
    await expect.poll(receipts).toHaveLength(1);
    expect(receipts()[0]).toMatchObject({ fleet: FLEET, serial, installed: 5, unchanged: 0, removed: 0 });
    expect(card.receipts).toHaveLength(1);
  });

  test("is gone on from by one request, where little has changed [NF-11.7]", async () => {
    const { start, fleet, content, receipts, card } = await deviceOfFleet();
    const files = filesOf(30);
    fleet.announce(files);
    const agent = start();
    await agent.next("brought");
    card.fetches = 0;
    card.served = 0;
    const changes = Object.fromEntries(
      Object.entries(files).map(([file, bytes]) => [file, edited(bytes, "changed")]),
    );
    const { serial } = fleet.announce(changes);
    expect(await agent.next("brought")).toMatchObject({ serial, installed: 30, exceptions: 0 });
    for (const [file, bytes] of Object.entries(changes)) expect(await content(file)).toEqual(bytes);
    expect(card.fetches).toBe(1 + Math.floor(card.served / 6000));
    await expect.poll(receipts).toHaveLength(2);
  });
});
