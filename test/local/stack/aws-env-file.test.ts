import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { writeAwsEnv } from "../../../local/stack/aws-env-file.ts";
import type { Endpoints } from "../../../local/stack/endpoints-file.ts";

const key = { accessKeyId: "AKID", secretAccessKey: "it's $ecret", region: "us-east-1" };

async function written() {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-env-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const dataDir = path.join(folder, "with a blank");
  await mkdir(dataDir);
  const endpoints: Pick<Endpoints, "s3" | "aws" | "caFile" | "iot"> = {
    s3: { endpoint: "https://127.0.0.1:1", bucket: "files", ...key },
    aws: { endpoint: "https://localhost:2", caFile: "", ...key },
    caFile: path.join(dataDir, "ca.pem"),
    iot: undefined,
  };
  return { dataDir, file: await writeAwsEnv(dataDir, endpoints as Endpoints) };
}

/** What a shell has after these lines, with a strict start. */
function environment(lines: readonly string[], env: Record<string, string>): Record<string, string> {
  const script = [
    "set -eu",
    ...lines,
    'command -v noteferry_deactivate > /dev/null || echo "GONE=yes"',
    "env",
  ].join("\n");
  const printed = execFileSync("sh", ["-c", script], {
    env: { PATH: process.env.PATH ?? "", ...env },
    encoding: "utf8",
  });
  return Object.fromEntries(
    printed.split("\n").flatMap((line) => (/^(\w+)=/.test(line) ? [line.split(/=(.*)/s, 2)] : [])),
  );
}

const BEFORE = { AWS_PROFILE: "work", AWS_REGION: "eu-west-1", NO_PROXY: "intranet", no_proxy: "other" };

test("a shell that sources it reaches the local services, whatever it was set to before", async () => {
  const { dataDir, file } = await written();
  const env = environment([`. '${file}'`], BEFORE);
  expect(env).toMatchObject({
    ...{
      AWS_ACCESS_KEY_ID: "AKID",
      AWS_SECRET_ACCESS_KEY: "it's $ecret",
      AWS_REGION: "us-east-1",
      BUCKET: "files",
    },
    ...{ AWS_ENDPOINT_URL_S3: "https://127.0.0.1:1", AWS_CA_BUNDLE: path.join(dataDir, "ca.pem") },
    ...{ NO_PROXY: "intranet,other,localhost,127.0.0.1", no_proxy: "intranet,other,localhost,127.0.0.1" },
  });
  expect(env).not.toHaveProperty("AWS_PROFILE");
  expect(await readFile(env.AWS_CONFIG_FILE ?? "", "utf8")).toContain("signature_version = s3v4");
});

test("noteferry_deactivate leaves everything as it was, also after a second time", async () => {
  const { file } = await written();
  for (const before of [BEFORE, {}]) {
    const untouched = environment([], before);
    const after = environment([`. '${file}'`, `. '${file}'`, "noteferry_deactivate"], before);
    expect(after).toEqual(untouched);
    expect(after.GONE).toBe("yes");
  }
});
