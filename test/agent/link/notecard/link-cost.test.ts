import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import type { CardUnderTest } from "../../../local/blues/notecard/support/card-under-test.ts";
import { startDeviceOnStandIn } from "../../support/device-on-stand-in.ts";
import { patternedBytes } from "../../support/patterned-bytes.ts";

/** Since the last `markDelivery`. */
function bytesOnLink({ card }: CardUnderTest): number {
  const { up, down } = card.counters().delivery;
  return up + down;
}

const MEGABYTE = patternedBytes(1_000_000);

test.each([
  ["binary", 1.05],
  ["raw", 1.1],
  ["json", 1.4],
])("a megabyte by the %s way is at most %d times that on the link", async (way, most) => {
  const { under, start, folder, publish } = await startDeviceOnStandIn();
  const agent = start(["--fetch", way]);
  await agent.next("ready");
  under.card.markDelivery();
  await publish("a.bin", MEGABYTE);
  await agent.next("installed");
  expect((await readFile(path.join(folder, "root/a.bin"))).equals(MEGABYTE)).toBe(true);
  const share = bytesOnLink(under) / MEGABYTE.length;
  console.log(`${way}: ${share.toFixed(3)} times the file on the link`);
  expect(share).toBeLessThanOrEqual(most);
  expect(share).toBeGreaterThanOrEqual(1);
});

test("content that is there already costs the announcement and its receipt [NF-2.4]", async () => {
  const { under, start, publish } = await startDeviceOnStandIn();
  const agent = start(["--fetch", "binary"]);
  await publish("a.bin", MEGABYTE.subarray(0, 5000));
  await agent.next("installed");
  await expect.poll(() => under.card.counters().byRequest).toHaveProperty("web.get");
  const webRequests = () => under.card.counters().byRequest["web.get"]?.messages;
  const before = webRequests();
  under.card.markDelivery();
  await publish("a.bin", MEGABYTE.subarray(0, 5000));
  await agent.next("unchanged");
  expect(webRequests()).toBe(before);
  expect(bytesOnLink(under)).toBeLessThan(1000);
});
