import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyVersion } from "../../../operator/cloud/files/copy-version.ts";
import { openFilesBucket } from "../../../operator/cloud/files/files-bucket.ts";
import { listVersions } from "../../../operator/cloud/files/list-versions.ts";
import { readLocalDeployment } from "../../../operator/cloud/local-deployment.ts";
import { DEVICE, type Services, startServices } from "../support/services.ts";

const NEVER = new AbortController().signal;
let services: Services;
let folder = "";
beforeAll(async () => {
  services = await startServices();
  folder = await mkdtemp(path.join(tmpdir(), "noteferry-files-"));
});
afterAll(async () => {
  await services.stop();
  await rm(folder, { recursive: true, force: true });
});

async function put(key: string, content: string): Promise<void> {
  await writeFile(path.join(folder, "file"), content);
  expect(await services.cli(["put", "file", "--as", key], { cwd: folder })).toMatchObject({ code: 0 });
}

const contents = async (key: string) => {
  const { json } = await services.json(["history", key]);
  return json.versions.map((each: { current: boolean; deleted: boolean; bytes?: number }) => [
    each.current,
    each.deleted ? "deleted" : each.bytes,
  ]);
};

test("ls tells who gets each key, or why nobody does; a pipe gets tabs, a terminal columns", async () => {
  await put("ls/a.py", "1");
  const bucket = openFilesBucket(await readLocalDeployment(services.folder));
  await bucket.client.send(
    new PutObjectCommand({ Bucket: "files", Key: "devices/lamp/\u001b[31mx", Body: "x" }),
  );
  await bucket.client.send(new PutObjectCommand({ Bucket: "files", Key: "ls/", Body: "x" }));
  bucket[Symbol.dispose]();
  const piped = await services.cli(["ls"]);
  expect(piped.out.split("\n")).toEqual([
    expect.stringMatching(/^devices\/lamp\/\ufffd\[31mx\t1\t\S+Z\tnobody: the key names no device/),
    expect.stringMatching(/^ls\/\t1\t\S+Z\tnobody: a folder$/),
    expect.stringMatching(new RegExp(`^ls/a\\.py\\t1\\t\\S+Z\\t${DEVICE}$`)),
    "",
  ]);
  expect((await services.cli(["ls", "ls/a"], { terminal: true })).out).toMatch(
    /^KEY {6}SIZE {4}UPLOADED +GOES TO\nls\/a\.py {2}1 byte {2}/,
  );
  const none = await services.cli(["ls", "nothing"]);
  expect(none).toEqual({ code: 0, out: "", err: 'no key of files begins with "nothing"\n' });
});

test("rollback brings the last other content back, and is in the history itself", async () => {
  await put("roll.py", "1");
  await put("roll.py", "22");
  await put("roll.py", "333");
  await put("roll.py2", "another key that begins alike");
  const dry = await services.cli(["rollback", "roll.py", "--dry-run"]);
  expect(dry).toMatchObject({ code: 0, out: "" });
  expect(dry.err).toMatch(/^would copy version 2 of roll\.py \(2 bytes, uploaded \S+Z\) over it\n$/);
  expect(await contents("roll.py")).toEqual([
    [true, 3],
    [false, 2],
    [false, 1],
  ]);

  expect(await services.cli(["rollback", "roll.py"])).toMatchObject({ code: 0 });
  expect(await contents("roll.py")).toEqual([
    [true, 2],
    [false, 3],
    [false, 2],
    [false, 1],
  ]);
  const oldest = await services.json(["rollback", "roll.py", "--to", "1"]);
  const { json: history } = await services.json(["history", "roll.py"]);
  expect(oldest.json).toEqual({
    key: "roll.py",
    from: history.versions[4].versionId,
    versionId: history.versions[0].versionId,
  });
  expect(history.versions[0].bytes).toBe(1);
  expect(history.versions.map(({ n }: { n: number }) => n)).toEqual([5, 4, 3, 2, 1]);
  const beginning = history.versions[0].versionId.slice(0, 12);
  const again = await services.cli(["rollback", "roll.py", "--to", beginning]);
  expect(again).toMatchObject({ code: 0, err: "roll.py holds that content already: nothing to do\n" });
  expect(await contents("roll.py")).toHaveLength(5);
});

test("rm puts a marker that rollback goes behind", async () => {
  await put("rm.py", "1");
  expect(await services.cli(["rm", "rm.py", "--yes"])).toMatchObject({ code: 0, out: "rm.py\n" });
  expect(await contents("rm.py")).toEqual([
    [true, "deleted"],
    [false, 1],
  ]);
  expect(await services.cli(["rollback", "rm.py"])).toMatchObject({ code: 0 });
  expect(await contents("rm.py")).toEqual([
    [true, 1],
    [false, "deleted"],
    [false, 1],
  ]);
  const { json: history } = await services.json(["history", "rm.py"]);
  expect(history.versions.map(({ n }: { n?: number }) => n)).toEqual([2, undefined, 1]);
  const deletion = history.versions[1].versionId;
  expect(await services.cli(["rollback", "rm.py", "--to", deletion])).toMatchObject({ code: 2 });
});

test("rm asks a person, and never without a terminal", async () => {
  await put("ask.py", "1");
  const asked: string[] = [];
  const answering = (answer: string) => async (question: string) => {
    asked.push(question);
    return answer;
  };
  const silent = await services.cli(["rm", "ask.py"]);
  expect(silent).toMatchObject({ code: 2, out: "" });
  expect(silent.err).toContain("--yes");
  expect(await services.cli(["rm", "ask.py"], { ask: answering("") })).toMatchObject({ code: 2, out: "" });
  expect(await services.cli(["rm", "ask.py", "gone.py"], { ask: answering("y") })).toMatchObject({
    code: 5,
    out: "",
  });
  expect(await contents("ask.py")).toEqual([[true, 1]]);
  expect(await services.cli(["rm", "ask.py"], { ask: answering("yes") })).toMatchObject({ code: 0 });
  expect(asked).toEqual(["Delete ask.py from files? [y/N] ", "Delete ask.py from files? [y/N] "]);
});

test("Ctrl-C at a question is the answer, whatever is read then", async () => {
  await put("asked.py", "1");
  const interrupt = new AbortController();
  const ask = async () => {
    interrupt.abort();
    return "";
  };
  expect(await services.cli(["rm", "asked.py"], { ask, signal: interrupt.signal })).toMatchObject({
    code: 130,
  });
});

test.each([
  ["history", "never.py"],
  ["rollback", "never.py"],
  ["rm", "never.py", "--yes"],
])("%s of a key that is not there is said, and has an exit code of its own", async (...args) => {
  const run = await services.cli(args);
  expect(run).toMatchObject({ code: 5, out: "" });
  expect(run.err).toContain("never.py");
});

test("a large version is copied in parts, with its metadata but for its share", async () => {
  using bucket = openFilesBucket(await readLocalDeployment(services.folder));
  const send = (Body: string, more = {}) =>
    bucket.client.send(new PutObjectCommand({ Bucket: "files", Key: "large é+.bin", Body, ...more }));
  const { VersionId = "" } = await send("a".repeat(6 * 1024 ** 2), {
    Metadata: { "noteferry-share": "10", mine: "1" },
  });
  await send("b");
  services.observations.length = 0;
  const sizes = { whole: 1024 ** 2, part: 5 * 1024 ** 2 };
  const large = { key: "large é+.bin", versionId: VersionId, bytes: 6 * 1024 ** 2 };
  const made = await copyVersion(bucket, large, NEVER, sizes);
  expect(services.observations.filter(({ operation }) => operation === "UploadPartCopy")).toHaveLength(2);
  const [newest] = await listVersions(bucket, "large é+.bin", NEVER);
  expect(newest).toMatchObject({ versionId: made, current: true, bytes: 6 * 1024 ** 2 });
  const head = await bucket.client.send(new HeadObjectCommand({ Bucket: "files", Key: "large é+.bin" }));
  expect(head.Metadata).toEqual({ mine: "1" });
});
