import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import https from "node:https";
import path from "node:path";
import { text } from "node:stream/consumers";
import { CreateBucketCommand, ListBucketsCommand } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { expect, onTestFinished, test } from "vitest";
import { loadAccessKey } from "../../../../../local/aws/s3/standalone/access-key.ts";
import { parseFlags } from "../../../../../local/aws/s3/standalone/flags.ts";
import { FlagError } from "../../../../../local/host/command-line/flags.ts";
import { connect, dataFolder } from "../support/local-s3.ts";

const MAIN = path.join(import.meta.dirname, "../../../../../local/aws/s3/main.ts");

function run(...args: string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [MAIN, ...args]);
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** The banner, and the settings that it says to export. */
async function started(child: ChildProcessWithoutNullStreams) {
  let banner = "";
  for await (const piece of child.stdout.iterator({ destroyOnReturn: false })) {
    banner += piece;
    if (banner.includes("Ctrl-C")) break;
  }
  const [, line = ""] = /export (.*)/.exec(banner) ?? [];
  const settings = Object.fromEntries(line.split(" ").map((setting) => setting.split(/=(.*)/s).slice(0, 2)));
  return {
    banner,
    endpoint: String(settings.AWS_ENDPOINT_URL_S3),
    caFile: String(settings.AWS_CA_BUNDLE),
    credential: {
      accessKeyId: String(settings.AWS_ACCESS_KEY_ID),
      secretAccessKey: String(settings.AWS_SECRET_ACCESS_KEY),
      principal: "root",
    },
  };
}

async function stopped(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): Promise<unknown> {
  const exited = once(child, "exit");
  child.kill(signal);
  return (await exited)[0];
}

test("the banner's settings work, Ctrl-C stops it, and the keys are the same next time", async () => {
  const dataDir = await dataFolder();
  const first = run("--data", dataDir, "--port", "0");
  const { endpoint, credential } = await started(first);
  await connect({ endpoint }, credential).send(new CreateBucketCommand({ Bucket: "files" }));
  expect((await stat(path.join(dataDir, "access-key.json"))).mode & 0o777).toBe(0o600);
  expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  expect(await stopped(first, "SIGINT")).toBe(0);

  const second = run("--data", dataDir, "--port", "0");
  const again = await started(second);
  expect(again.credential).toEqual(credential);
  const { Buckets } = await connect(again, credential).send(new ListBucketsCommand({}));
  expect(Buckets?.map(({ Name }) => Name)).toEqual(["files"]);

  const intruder = run("--data", dataDir, "--port", "0");
  expect(await text(intruder.stderr)).toMatch(
    /^\S+metadata\.sqlite cannot be opened: database is locked.*\n$/,
  );
  expect(await stopped(second, "SIGTERM")).toBe(0);
});

test("a port that is taken, or a key that is none, is told in a line", async () => {
  const first = run("--data", await dataFolder(), "--port", "0");
  const { endpoint } = await started(first);
  const second = run("--data", await dataFolder(), "--port", new URL(endpoint).port);
  expect(await text(second.stderr)).toMatch(
    /^port \d+ is taken.* ask for another port with --port, or 0 .*\n$/,
  );
  const dataDir = await dataFolder();
  await writeFile(path.join(dataDir, "access-key.json"), ""); // what a power cut left of it
  expect(() => loadAccessKey(dataDir)).toThrow("remove it to have a new one made");
  expect(await stopped(first, "SIGINT")).toBe(0);
});

test("a key is made once, and nothing else is left in the folder", async () => {
  const dataDir = path.join(await dataFolder(), "new", "folder");
  expect(loadAccessKey(dataDir)).toEqual(loadAccessKey(dataDir));
  expect(await readdir(dataDir)).toEqual(["access-key.json"]);
});

test("over HTTPS, with a certificate that its own CA signed", async () => {
  const child = run("--data", await dataFolder(), "--port", "0", "--https");
  const { banner, endpoint, credential, caFile } = await started(child);
  expect(endpoint).toMatch(/^https:/);
  expect(banner).toContain(endpoint.replace("//localhost", "//<bucket>.s3.localhost"));
  const requestHandler = new NodeHttpHandler({ httpsAgent: new https.Agent({ ca: await readFile(caFile) }) });
  await connect({ endpoint }, credential, { requestHandler }).send(new ListBucketsCommand({}));
  expect(await stopped(child, "SIGINT")).toBe(0);
});

test("flags", () => {
  expect(parseFlags([], "/somewhere")).toEqual({
    dataDir: "/somewhere/.noteferry-s3",
    port: 4600,
    region: "us-east-1",
    https: false,
  });
  expect(parseFlags(["--help"], "/")).toBeUndefined();
  for (const args of [["--port", "x"], ["--port", "65536"], ["--region", "a b"], ["--unknown"], ["stray"]]) {
    expect(() => parseFlags(args, "/")).toThrow(FlagError);
  }
});
