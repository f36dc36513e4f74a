import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from "vitest";
import { type FilesBucket, openFilesBucket } from "../../../operator/cloud/files/files-bucket.ts";
import { readLocalDeployment } from "../../../operator/cloud/local-deployment.ts";
import { isInShare, saltOf } from "../../../protocol/share.ts";
import { createFleetTeller, fleetFile } from "../support/fleet-teller.ts";
import { DEVICE, type Services, startServices } from "../support/services.ts";

const FLEET = "fleet:1042ddc5-0000-4000-8000-000000000001";
const KEY = `fleets/${FLEET}/app/main.py`;
const OTHERS = Array.from({ length: 40 }, (_, n) => `dev:${n}`);

let services: Services;
let bucket: FilesBucket;
let teller: Awaited<ReturnType<typeof createFleetTeller>>;
let versionId = "";
beforeAll(async () => {
  services = await startServices({ manifests: true, fleets: [FLEET], devices: OTHERS });
  bucket = openFilesBucket(await readLocalDeployment(services.folder));
  teller = await createFleetTeller(services.folder, FLEET);
  const put = await bucket.client.send(new PutObjectCommand({ Bucket: "files", Key: KEY, Body: "1" }));
  versionId = put.VersionId ?? "";
  await teller.announce(100, 1, { [KEY]: fleetFile("A", { version: versionId }) });
}, 60_000);
afterEach(async () => {
  services.outputs.NotehubUrl = services.notehub.url;
  delete services.outputs.FleetAnnouncements;
  await services.writeEndpoints();
});
afterAll(async () => {
  teller[Symbol.dispose]();
  bucket[Symbol.dispose]();
  await services.stop();
});

const queue = () => services.queues.get("FileQueue");

/** Takes the next message, as the notifier would. */
async function nextMessage(): Promise<unknown> {
  for (;;) {
    for (const { body, receiptHandle } of await queue().receive({ max: 1, waitSeconds: 5 })) {
      queue().delete(receiptHandle);
      return JSON.parse(body);
    }
  }
}

test("the notifier is told of a share, and it is said once it has it, with how many devices that is [NF-11.8]", async () => {
  const notifier = nextMessage().then(async (message) => {
    const file = fleetFile("A", { version: versionId, share: [25, saltOf(versionId)] });
    await teller.announce(101, 2, { [KEY]: file });
    return message;
  });
  const [run, message] = await Promise.all([services.cli(["share", KEY, "25%"]), notifier]);
  expect(message).toEqual({ share: { bucket: "files", key: KEY, versionId, percent: 25 } });
  const all = [DEVICE, ...OTHERS];
  const many = all.filter((device) => isInShare([25, saltOf(versionId)], device)).length;
  expect(run).toEqual({
    code: 0,
    out: `${KEY}\t25 %\t${many} of ${all.length} devices\n`,
    err: [
      `it was for all: who has it keeps it, and the version before comes back by noteferry rollback ${KEY}\n`,
      `taken up: noteferry status ${FLEET} shows how far its devices are\n`,
    ].join(""),
  });
  const shown = await services.json(["share", KEY]);
  expect(shown.json).toEqual({
    ...{ key: KEY, fleet: FLEET, versionId, percent: 25, isTakenUp: true },
    devices: { in: many, of: all.length },
  });
  const again = await services.cli(["share", KEY, "25"]);
  expect(again.err).toBe(`${KEY} is for 25 % of ${FLEET} already: nothing to do\n`);
  expect(queue().depth().visible).toBe(0);
});

test("a folder is shared as one: each file by its release, told under a hold [NF-11.8]", async () => {
  const folder = `fleets/${FLEET}/lib/`;
  const files = Object.fromEntries(
    ["a", "b"].map((name) => [
      `${folder}${name}`,
      { ...fleetFile(name, { version: `v-${name}` }), release: "r1" },
    ]),
  );
  const { [KEY]: kept } = { [KEY]: fleetFile("A", { version: versionId, share: [25, saltOf(versionId)] }) };
  await teller.announce(102, 3, { ...files, [KEY]: kept });
  const notifier = (async () => {
    const messages = [await nextMessage(), await nextMessage()];
    const shared = Object.entries(files).map(([key, file]) => [
      key,
      { ...file, share: [40, "r1"] as [number, string] },
    ]);
    await teller.announce(103, 4, { ...Object.fromEntries(shared), [KEY]: kept });
    return messages;
  })();
  const [run, messages] = await Promise.all([services.cli(["share", folder, "40%"]), notifier]);
  expect(messages.map((message) => Object(message).share)).toEqual(
    ["a", "b"].map((name) => ({
      bucket: "files",
      key: `${folder}${name}`,
      versionId: `v-${name}`,
      percent: 40,
    })),
  );
  const all = [DEVICE, ...OTHERS];
  const many = all.filter((device) => isInShare([40, "r1"], device)).length;
  expect(run.code).toBe(0);
  expect(run.out).toBe(
    ["a", "b"].map((name) => `${folder}${name}\t40 %\t${many} of ${all.length} devices\n`).join(""),
  );
  expect((await services.json(["share", folder])).json).toMatchObject({
    fleet: FLEET,
    files: [{ percent: 40 }, { percent: 40 }],
  });
  expect(await services.cli(["share", `fleets/${FLEET}/none/`])).toMatchObject({ code: 5 });
});

test("a notifier that does not take it up is not waited for without end, and what to do is said", async () => {
  const run = await services.cli(["share", KEY, "50", "--wait", "1"]);
  expect(run).toMatchObject({ code: 1, out: "" });
  expect(run.err).toMatch(
    /^the notifier has not taken it up within 1 s: .*noteferry doctor says what is wrong/,
  );
  await nextMessage();
  const interrupt = new AbortController();
  void nextMessage().then(() => interrupt.abort());
  expect(await services.cli(["share", KEY, "50"], { signal: interrupt.signal })).toMatchObject({ code: 130 });
  expect((await services.cli(["share", KEY, "50", "--wait", "0"])).err).toMatch(/^asked for: /);
  await nextMessage();
});

test("without Notehub the share is told, and that the devices are not known", async () => {
  services.outputs.NotehubUrl = "http://127.0.0.1:1";
  await services.writeEndpoints();
  const run = await services.json(["share", KEY]);
  expect(run).toMatchObject({ code: 0, json: { percent: 25, devices: null } });
  expect(run.err).toMatch(/^how many devices that are is not known: /);
});

test.each([
  [["share", "devices/dev:1/x", "10"], 2, "devices/dev:1/x goes to no fleet"],
  [["share", "app/main.py"], 2, "app/main.py goes to no fleet"], // the default target is a device
  [["share", `fleets/${FLEET}/none`, "10"], 5, `the bucket has no file fleets/${FLEET}/none`],
  [["share", KEY, "110"], 2, "110: expected a percentage from 0 to 100, such as 10% or 0.5%"],
  [["put", "package.json", "--share", "x"], 2, "--share x: expected a percentage"],
  [["put", "package.json", "--share", "10"], 2, "package.json goes to no fleet"],
])("%j is refused", async (args, code, sentence) => {
  const run = await services.cli(args);
  expect(run).toMatchObject({ code, out: "" });
  expect(run.err.startsWith(sentence)).toBe(true);
});

test("a share that would be passed over is refused: by Notes, by an older deployment, of a fleet that has no manifest", async () => {
  const other = "fleets/fleet:b/x";
  await bucket.client.send(new PutObjectCommand({ Bucket: "files", Key: other, Body: "1" }));
  const unknown = await services.cli(["share", other, "10"]);
  expect(unknown).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^fleet:b was never told .*=notes\n$/),
  });
  const put = ["put", "package.json", "--to", FLEET, "--share", "10"];
  services.outputs.FleetAnnouncements = "notes";
  await services.writeEndpoints();
  for (const args of [put, ["share", KEY, "10"]])
    expect(await services.cli(args)).toMatchObject({ code: 2, err: expect.stringMatching(/by Notes/) });
  const { AnnouncementsBucketName, ...older } = services.outputs;
  Object.assign(services.outputs, older);
  delete services.outputs.AnnouncementsBucketName;
  await services.writeEndpoints();
  expect(await services.cli(put)).toMatchObject({ code: 5, err: expect.stringMatching(/deploy it again/) });
  expect(await services.cli(["sweep"])).toMatchObject({ code: 5 });
  services.outputs.AnnouncementsBucketName = AnnouncementsBucketName ?? "";
});

test("a version that the notifier has not looked at has no share to show yet", async () => {
  await bucket.client.send(new PutObjectCommand({ Bucket: "files", Key: KEY, Body: "2" }));
  const run = await services.cli(["share", KEY]);
  expect(run).toMatchObject({
    code: 1,
    err: expect.stringMatching(/has not looked at the newest version of/),
  });
});

test("an upload says its share in its metadata, and an older version that is gone back to is for all", async () => {
  const metadata = async () => {
    const head = await bucket.client.send(new HeadObjectCommand({ Bucket: "files", Key: shared }));
    return [head.Metadata, head.ContentType];
  };
  const shared = `fleets/${FLEET}/shared`;
  await bucket.client.send(
    new PutObjectCommand({
      ...{ Bucket: "files", Key: shared, Body: "x", ContentType: "text/x-lamp" },
      Metadata: { "noteferry-share": "5%", mine: "1" },
    }),
  );
  const put = await services.cli(["put", "package.json", "--to", FLEET, "--as", "shared", "--share", "2.5%"]);
  expect(put.code).toBe(0);
  expect((await metadata())[0]).toEqual({ "noteferry-share": "2.5%" });
  expect(await services.cli(["rollback", shared])).toMatchObject({ code: 0 });
  expect(await metadata()).toEqual([{ mine: "1" }, "text/x-lamp"]);
  await services.cli(["put", "package.json", "--to", FLEET, "--as", "shared", "--share", "100"]);
  expect((await metadata())[0]).toEqual({});
});

test("a sweep is asked for", async () => {
  const run = await services.json(["sweep"]);
  expect(run).toMatchObject({ code: 0, json: { asked: true } });
  expect(run.err).toMatch(/^the notifier is asked to compare the bucket with what fleets were told/);
  expect(await nextMessage()).toEqual({ sweep: {} });
});

test("what one put uploads is one release, and the next one another [NF-11.8]", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-release-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const name of ["a", "b"]) await writeFile(path.join(folder, name), name);
  const releaseOf = async (key: string) => {
    const { Metadata = {} } = await bucket.client.send(new HeadObjectCommand({ Bucket: "files", Key: key }));
    return { release: Metadata["noteferry-release"], share: Metadata["noteferry-share"] };
  };
  const put = async (source: string, ...args: string[]) =>
    expect(await services.cli(["put", source, "--to", FLEET, ...args])).toMatchObject({ code: 0 });
  const keys = ["a", "b"].map((name) => `fleets/${FLEET}/rel/${name}`);
  await put(folder, "--as", "rel", "--share", "10%");
  const [a, b] = await Promise.all(keys.map(releaseOf));
  expect(a).toEqual({ release: expect.stringMatching(/^[\w-]{6}$/), share: "10%" });
  expect(b).toEqual(a);
  await put(folder, "--as", "rel");
  const [next] = await Promise.all(keys.map(releaseOf));
  expect(next?.release).toMatch(/^[\w-]{6}$/);
  expect(next?.release).not.toBe(a?.release);
  await put(path.join(folder, "a"), "--as", "rel/a");
  expect(await releaseOf(keys[0] ?? "")).toEqual({ release: undefined, share: undefined });
});
