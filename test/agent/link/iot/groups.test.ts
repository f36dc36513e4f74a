import { setTimeout as sleep } from "node:timers/promises";
import {
  AddThingToThingGroupCommand,
  CreateThingGroupCommand,
  RemoveThingFromThingGroupCommand,
} from "@aws-sdk/client-iot";
import { expect, test } from "vitest";
import { versionedKey } from "../../support/fake-server.ts";
import { filesOf } from "../../support/fleet-device.ts";
import { type ThingDevice, thingDevice } from "./support/thing-device.ts";

const IN_GROUP = { thingGroupName: "a-group", thingName: "pump" };

/** Milliseconds in which a manifest that failed for now is tried again. */
const RESTS_MS = 1_000;

const manifests = ({ receipts }: ThingDevice) => receipts().filter(({ state }) => state === "manifest");

async function deviceInGroup(): Promise<ThingDevice> {
  const device = await thingDevice();
  const { thingGroupName } = IN_GROUP;
  await device.control.send(new CreateThingGroupCommand({ thingGroupName }));
  await device.control.send(new AddThingToThingGroupCommand(IN_GROUP));
  return device;
}

test("a thing's own manifest comes before its group's at a path that both have, whichever came last [NF-13.1]", async () => {
  const device = await deviceInGroup();
  const [own, group] = [device.target(), device.target("thing-group:a-group")];
  device.start();
  const mine = filesOf(1, 2);
  await device.expectEnd((await own.announce(mine)).job, "SUCCEEDED");
  const { job } = await group.announce({ ...filesOf(2, 5) });
  await device.expectEnd(job, "SUCCEEDED");
  expect(await device.content("app/file-0.py")).toEqual(mine["app/file-0.py"]);
  expect(await device.content("app/file-1.py")).toEqual(filesOf(2, 5)["app/file-1.py"]);
  const [, second] = manifests(device);
  expect(second).toMatchObject({
    fleet: "thing-group:a-group",
    not: [["app/file-0.py", "unchanged", "other-fleet"]],
  });
  expect(
    device.server.files.has(versionedKey("things/pump/app/file-0.py", own.versionOf("app/file-0.py"))),
  ).toBe(true);
});

test("a thing that leaves a group before it has the manifest is asked for nothing of it any more; one that had it keeps it, and hears of the group again when it is back [NF-11.10]", async () => {
  const device = await deviceInGroup();
  const group = device.target("thing-group:a-group", { noZstd: true });
  const agent = device.start();
  const first = filesOf(1, 2);
  await device.expectEnd((await group.announce(first)).job, "SUCCEEDED");
  device.server.meddle(() => ({ status: 403 }));
  const second = filesOf(1, 5);
  const { job } = await group.announce(second);
  await agent.next("manifest-failed");
  await device.control.send(new RemoveThingFromThingGroupCommand(IN_GROUP));
  expect((await device.execution(job)).status).toBe("REMOVED");
  await device.expectEnd(await device.createJob("thing:pump", "{}", "marker"), "REJECTED"); // it has heard of that by now
  device.server.meddle(() => undefined);
  const before = device.server.counts.requests;
  await sleep(RESTS_MS);
  expect(device.server.counts.requests).toBe(before);
  expect(await device.content("app/file-0.py")).toEqual(first["app/file-0.py"]);
  await device.control.send(new AddThingToThingGroupCommand(IN_GROUP));
  await device.expectEnd(job, "SUCCEEDED");
  expect(await device.content("app/file-0.py")).toEqual(second["app/file-0.py"]);
});
