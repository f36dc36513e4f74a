import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { linkProfile } from "../../local/notecard/link/profile.ts";
import { ANNOUNCEMENT_NOTEFILE } from "../../protocol/limits.ts";
import { cardUnderTest } from "../local/notecard/card-under-test.ts";
import { testTls } from "../local/notehub/hub-under-test.ts";
import { startUpstream } from "../local/notehub/upstream.ts";
import { runHere } from "./support/agent-under-test.ts";
import { announcementOf } from "./support/fake-card.ts";
import { serve } from "./support/fake-server.ts";
import { patternedBytes } from "./support/patterned-bytes.ts";

/** A device on the Notecard and Notehub of the local stack, with a file-server behind the route. */
async function startDeviceOnStandIn(way: string) {
  const files = new Map<string, Buffer>();
  const upstream = await startUpstream(await testTls(), ({ target, headers }, response) => {
    const served = serve(files, target, headers.range);
    if ("json" in served) {
      response
        .writeHead(served.status, { "content-type": "application/json" })
        .end(JSON.stringify(served.json));
      return;
    }
    const { raw, first, total } = served;
    const contentRange = `bytes ${first}-${first + raw.length - 1}/${total}`;
    response.writeHead(206, { "content-range": contentRange, "content-length": raw.length }).end(raw);
  });
  const route = { alias: "noteferry", url: upstream.url, headers: {}, timeoutSeconds: 60 };
  // A clock that does not wait: what is counted is bytes.
  const clock = { now: () => performance.now(), sleep: async () => undefined };
  const under = await cardUnderTest(
    { link: { ...linkProfile("lte-m"), loss: 0 }, clock },
    { routes: [route] },
  );
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-cost-"));
  const agent = runHere([
    ...[
      "run",
      "--json",
      "--fetch",
      way,
      "--poll",
      "0.02",
      "--notecard",
      `tcp://127.0.0.1:${under.card.port}`,
    ],
    ...["--root", path.join(folder, "root"), "--state", path.join(folder, "state")],
  ]);
  onTestFinished(async () => {
    await agent.stop();
    await under[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const publish = async (key: string, bytes: Buffer) => {
    files.set(key, bytes);
    await under.note(ANNOUNCEMENT_NOTEFILE, announcementOf(key, bytes));
  };
  const onLink = () => {
    const { up, down } = under.card.counters().delivery;
    return up + down;
  };
  return { under, agent, folder, publish, onLink };
}

const MEGABYTE = patternedBytes(1_000_000);

test.each([
  ["binary", 1.05],
  ["raw", 1.1],
  ["json", 1.4],
])("a megabyte by the %s way is at most %d times that on the link", async (way, most) => {
  const { under, agent, folder, publish, onLink } = await startDeviceOnStandIn(way);
  await agent.next("ready");
  under.card.markDelivery();
  await publish("a.bin", MEGABYTE);
  await agent.next("installed");
  expect((await readFile(path.join(folder, "root/a.bin"))).equals(MEGABYTE)).toBe(true);
  const share = onLink() / MEGABYTE.length;
  console.log(`${way}: ${share.toFixed(3)} times the file on the link`);
  expect(share).toBeLessThanOrEqual(most);
  expect(share).toBeGreaterThanOrEqual(1);
});

test("content that is there already costs the announcement and its receipt [NF-2.4]", async () => {
  const { under, agent, publish, onLink } = await startDeviceOnStandIn("binary");
  await publish("a.bin", MEGABYTE.subarray(0, 5000));
  await agent.next("installed");
  await expect.poll(() => under.card.counters().byRequest).toHaveProperty("web.get");
  const webRequests = () => under.card.counters().byRequest["web.get"]?.messages;
  const before = webRequests();
  under.card.markDelivery();
  await publish("a.bin", MEGABYTE.subarray(0, 5000));
  await agent.next("unchanged");
  expect(webRequests()).toBe(before);
  expect(onLink()).toBeLessThan(1000);
});
