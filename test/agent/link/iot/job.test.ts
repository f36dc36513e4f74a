import { expect, test } from "vitest";
import { filesOf } from "../../support/fleet-device.ts";
import { thingDevice, UID } from "./support/thing-device.ts";

test("a job's manifest is heard, its files are installed, the job succeeds, and its receipt is published [NF-13.1] [NF-13.5] [NF-13.6]", async () => {
  const device = await thingDevice();
  const { start, target, content, receipts, server, execution, expectEnd } = device;
  const files = filesOf(4);
  const agent = start();
  await agent.next("ready");
  const { serial, job } = await target().announce(files);
  expect(await agent.next("brought")).toMatchObject({ fleet: UID, serial, installed: 4, exceptions: 0 });
  for (const [name, bytes] of Object.entries(files)) expect(await content(name)).toEqual(bytes);
  await expectEnd(job, "SUCCEEDED");
  expect((await execution(job)).details).toMatchObject({
    ...{ serial: `${serial}`, installed: "4", unchanged: "0", removed: "0", requests: "5" },
  });
  const told = receipts().filter(({ state }) => state === "manifest");
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ fleet: UID, serial, installed: 4 });
  expect(server.counts.connections).toBe(1);
  expect(device.inside).toEqual([]);
});
