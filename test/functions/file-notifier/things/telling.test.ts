import { CancelJobCommand, CreateJobCommand, CreateThingGroupCommand } from "@aws-sdk/client-iot";
import { beforeEach, describe, expect, test } from "vitest";
import type { JobSettings } from "../../../../functions/file-notifier/carrier/iot/job-settings.ts";
import { jobId } from "../../../../protocol/job-id.ts";
import { formatSignedLink, signLink } from "../../../../protocol/signed-link.ts";
import { groupArn } from "../../../local/aws/iot/support/device-policy.ts";
import {
  FILE_SERVER,
  GROUP,
  SECRET,
  startThingWorld,
  THING,
  type ThingWorld,
} from "../support/thing-world.ts";

let world: ThingWorld;
beforeEach(async () => {
  world = await startThingWorld();
});

const own = (path: string) => `things/pump/${path}`;
const statuses = async () => (await world.jobs()).map(({ status }) => status);
const rows = () => [...world.aws.items.values()].map((item) => JSON.parse(Object(item.doc).S));

describe("a file for a thing", () => {
  test("is told by one job, with the pass, the manifest and the lone file's link [NF-13.2] [NF-13.3] [NF-13.4]", async () => {
    const version = await world.put(own("fw.bin"), "firmware 1");
    await world.settle();
    const [job, ...more] = await world.jobs();
    expect(more).toEqual([]);
    const { notice, ...says } = job?.says ?? Object();
    expect(says).toEqual({ for: THING, sig: signLink({ for: THING }, SECRET), at: FILE_SERVER });
    const state = await world.state(THING);
    expect(notice).toMatchObject({ serial: state.announced?.serial, sha256: state.manifests[0]?.sha256 });
    expect(job?.id).toBe(jobId(THING, notice.sha256));
    expect(job).toMatchObject({ status: "IN_PROGRESS", targetSelection: "SNAPSHOT" });
    const link = formatSignedLink({ key: own("fw.bin"), version }, SECRET);
    expect(job?.document).toMatchObject({
      url: `${FILE_SERVER}${link}`,
      location: { protocol: "https:", host: new URL(FILE_SERVER).host, path: link.slice(1) },
      afr_ota: { files: [{ filepath: "fw.bin", filesize: 10, update_data_url: `${FILE_SERVER}${link}` }] },
    });
    expect(world.notehub.requests).toEqual([]);
    expect(rows()).toContainEqual(
      expect.objectContaining({ device: THING, announced: expect.objectContaining({ key: own("fw.bin") }) }),
    );
  });

  test("several at once are one job, which names none of them to readers that know no manifest", async () => {
    for (let file = 0; file < 4; file += 1) await world.put(own(`f${file}`), `content ${file}`);
    await world.settle();
    const [job, ...more] = await world.jobs();
    expect(more).toEqual([]);
    expect(Object.keys(job?.document ?? {})).toEqual(["noteferry"]);
  });

  test("comes again as one job, which cancels the one before even where that is in progress", async () => {
    await world.put(own("a"), "1");
    await world.put(own("b"), "1");
    await world.settle();
    const device = await world.iot.connect("pump");
    const { payload } = await device.ask("start-next");
    expect(payload).toMatchObject({ execution: { status: "IN_PROGRESS" } });
    const version = await world.put(own("b"), "2");
    await world.settle();
    expect(await statuses()).toEqual(["CANCELED", "IN_PROGRESS"]);
    const [, job] = await world.jobs();
    expect(job?.document.url).toBe(`${FILE_SERVER}${formatSignedLink({ key: own("b"), version }, SECRET)}`);
    const next = await device.ask("$next/get");
    expect(next.payload).toMatchObject({ execution: { jobId: job?.id, status: "QUEUED" } });
  });

  test("that is taken away leaves the others', and readers hear once more of the last one [NF-13.4]", async () => {
    await world.put(own("a"), "1");
    await world.settle();
    await world.put(own("b"), "1");
    await world.settle();
    await world.remove(own("a"));
    await world.settle();
    const urls = (await world.jobs()).map(({ document }) => String(document.url).split("?")[0]);
    expect(urls).toEqual(["a", "b", "b"].map((path) => `${FILE_SERVER}/files/${own(path)}`));
  });
});

test("a thing that was named wrongly is done with once its files are deleted [NF-8.5]", async () => {
  for (const key of ["things/pmup/a", "thing-groups/pmups/a"]) {
    await world.put(key, "1");
    await world.settle();
    await world.remove(key);
    await world.settle();
  }
  expect(world.aws.dead).toHaveLength(2);
  world.aws.send('{"sweep":{}}');
  await world.settle();
  expect(world.aws.dead).toHaveLength(2);
  for (const target of ["thing:pmup", "thing-group:pmups"])
    expect(world.events).toContainEqual(
      expect.objectContaining({ message: "ignored", reason: `deleted; there is no ${target} to be told` }),
    );
});

test("a group's job takes the settings, a thing's is never a continuous one", async () => {
  const settings: JobSettings = {
    targetSelection: "CONTINUOUS",
    timeoutConfig: { inProgressTimeoutInMinutes: 60 },
  };
  await world.put("thing-groups/pumps/app", "1");
  await world.put(own("app"), "1");
  await world.settle({ settings });
  const selections = (await world.jobs()).map(({ says, targetSelection }) => [says.for, targetSelection]);
  expect(selections.sort()).toEqual([
    [GROUP, "CONTINUOUS"],
    [THING, "SNAPSHOT"],
  ]);
});

test("a file for a part of a group is our agent's business alone [NF-13.4]", async () => {
  await world.put("thing-groups/pumps/app", "1", "50");
  await world.settle();
  const [job] = await world.jobs();
  expect(Object.keys(job?.document ?? {})).toEqual(["noteferry"]);
});

describe("a file whose address is too long for other readers", () => {
  const long = own(`${"x".repeat(120)}.bin`);

  test("is refused as the only one, with the reason, and told once there is another [NF-13.4]", async () => {
    await world.put(long, "1");
    await world.settle();
    expect(await world.jobs()).toEqual([]);
    const detail = expect.stringMatching(/path of its address has \d+ characters, at most 191/);
    expect(world.events).toContainEqual({ message: "refused", key: long, reason: "link-too-long", detail });
    const unannounced = expect.objectContaining({ key: long, reason: detail });
    expect(rows()).toContainEqual(expect.objectContaining({ device: THING, unannounced }));
    expect(world.aws.dead).toEqual([]);
    await world.put(own("a"), "1");
    await world.settle();
    expect(await world.jobs()).toHaveLength(1);
  });

  test("is left out beside others, and the log says so", async () => {
    await world.put(own("a"), "1");
    await world.settle();
    await world.put(long, "1");
    await world.settle();
    expect(Object.keys((await world.jobs())[1]?.document ?? {})).toEqual(["noteferry"]);
    expect(world.events).toContainEqual(expect.objectContaining({ message: "not-for-others", key: long }));
  });
});

test("what AWS IoT does not have goes to the dead letters, and status can say why", async () => {
  await world.put("things/nobody/a", "1");
  await world.settle();
  expect(world.aws.dead).toMatchObject([{ reason: expect.stringContaining("ResourceNotFoundException") }]);
  const reason = expect.stringContaining("there is no thing nobody");
  expect(rows()).toContainEqual(
    expect.objectContaining({ device: "thing:nobody", unannounced: expect.objectContaining({ reason }) }),
  );
});

test("where the account has room for no more jobs, the one before makes room, and what has none goes to the dead letters, and is told once there is", async () => {
  const { control } = world;
  const continuous = { settings: { targetSelection: "CONTINUOUS" as const } };
  await control.send(new CreateThingGroupCommand({ thingGroupName: "valves" }));
  await world.put("thing-groups/pumps/app", "1");
  await world.settle(continuous);
  const others = Array.from({ length: 99 }, (_, at) => `other-${at}`);
  for (const id of others)
    await control.send(
      new CreateJobCommand({
        ...{ jobId: id, targets: [groupArn("pumps")], document: "{}", targetSelection: "CONTINUOUS" },
      }),
    );
  await world.put("thing-groups/pumps/app", "2");
  await world.settle(continuous);
  expect(await statuses()).toEqual(["CANCELED", "IN_PROGRESS"]);
  expect(world.aws.dead).toEqual([]);
  await world.put(own("app"), "1"); // a thing's job is none of those
  await world.settle(continuous);
  expect(world.aws.dead).toEqual([]);
  await world.put("thing-groups/valves/app", "1");
  await world.settle(continuous);
  const sentence = /LimitExceededException for thing-group:valves: 100 continuous jobs are active/;
  expect(world.aws.dead).toMatchObject([{ reason: expect.stringMatching(sentence) }]);
  await control.send(new CancelJobCommand({ jobId: "other-0" }));
  world.aws.send('{"sweep":{}}');
  await world.settle(continuous);
  expect(await statuses()).toHaveLength(4);
});

test("without AWS IoT a thing's key is refused, and never anybody else's [NF-1.1]", async () => {
  await world.put(own("a"), "1");
  await world.settleWith(world.environment());
  expect(world.events).toContainEqual(
    expect.objectContaining({ message: "refused", key: own("a"), reason: "target" }),
  );
  expect(await world.jobs()).toEqual([]);
  expect(world.notehub.accepted).toEqual([]);
});

test("told by Notes, fleets alone are: a thing is told all the same, and swept", async () => {
  const notes = { env: { FLEET_ANNOUNCEMENTS: "notes" as const } };
  await world.put(own("a"), "1");
  await world.settle(notes);
  await world.put(own("b"), "1");
  while (world.aws.nextVisible() !== undefined) {
    world.clock.now = Math.max(world.clock.now, world.aws.nextVisible() ?? 0);
    for (const { messageId } of world.aws.receive(10, 60)) world.aws.delete(messageId); // its event is lost
  }
  world.aws.send('{"sweep":{}}');
  await world.settle(notes);
  const [, job] = await world.jobs();
  expect(String(job?.document.url)).toContain(`/files/${own("b")}?`);
});
