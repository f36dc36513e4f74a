import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { regionOf, withHint } from "../../../operator/cloud/aws-environment.ts";
import { findDeployment } from "../../../operator/cloud/find-deployment.ts";

let cwd = "";
beforeAll(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), "noteferry-where-"));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const find = (where: { local?: boolean; data?: string; stage?: string }, env = {}) =>
  findDeployment(
    { local: where.local, data: where.data, stage: where.stage },
    { cwd, signal: new AbortController().signal, env },
  );

test("the local stack is found by its data folder, with the CA that its certificates need", async () => {
  const service = {
    endpoint: "https://localhost:1",
    region: "us-east-1",
    accessKeyId: "a",
    secretAccessKey: "b",
  };
  const endpoints = {
    caFile: path.join(cwd, "ca.pem"),
    s3: service,
    aws: service,
    outputs: { X: "1" },
    more: {},
  };
  await writeFile(path.join(cwd, "ca.pem"), "PEM");
  await writeFile(path.join(cwd, "endpoints.json"), JSON.stringify(endpoints));
  const { endpoint, region, ...credentials } = service;
  const settings = { endpoint, region, credentials, ca: "PEM" };
  expect(await find({ local: true, data: "." })).toEqual({
    ...{ name: `the stack in ${cwd}`, local: true, caFile: path.join(cwd, "ca.pem"), outputs: { X: "1" } },
    ...{ aws: settings, s3: settings },
  });
});

test.each<[string, Parameters<typeof find>[0], string, RegExp]>([
  ["none runs", { local: true }, "not-found", /\.noteferry\/endpoints\.json cannot be read; npm start/],
  ["a folder without its stack", { data: "x" }, "usage", /--data goes with --local/],
  ["a stage of the local stack", { local: true, stage: "x" }, "usage", /no --stage/],
  ["a stage that can be none", { stage: "not a stage" }, "usage", /stage/],
])("%s: a sentence says so", async (_what, where, code, message) => {
  await expect(find(where)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test("an endpoints file of another version is told", async () => {
  await writeFile(path.join(cwd, "endpoints.json"), JSON.stringify({ ready: true }));
  await expect(find({ local: true, data: "." })).rejects.toMatchObject({
    code: "not-found",
    message: expect.stringContaining("is not from this version"),
  });
});

/** A port of this machine that nobody listens on, for CloudFormation. */
const NOBODY = "http://127.0.0.1:9";
const KEYS = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
const failure = (code: string) => Object.assign(new Error("why"), { name: code });

test.each<[string, unknown, Record<string, string>, RegExp]>([
  [
    ...(["aws.env was sourced, and AWS refuses its keys", failure("InvalidClientTokenId")] as const),
    ...([
      { AWS_ENDPOINT_URL_S3: "https://localhost:4600" },
      /AWS_ENDPOINT_URL_S3 points at this .*--local$/,
    ] as const),
  ],
  ["no credentials", failure("CredentialsProviderError"), {}, /--local$/],
  ["a session that ended", failure("TokenProviderError"), { AWS_PROFILE: "dev" }, /AWS_PROFILE is dev$/],
  ["a missing grant", failure("AccessDenied"), {}, /^why$/],
  [
    ...(["an endpoint elsewhere", failure("AccessDenied")] as const),
    ...([{ AWS_ENDPOINT_URL_S3: "https://localhost.example" }, /^why$/] as const),
  ],
])("what a person may have meant is said: %s", (_what, error, env, sentence) => {
  expect(withHint(error, env)).toMatchObject({ message: expect.stringMatching(sentence) });
});

test("the region of the AWS CLI is taken, and a stack that is looked for in vain is explained by what is set", async () => {
  for (const [name, value] of Object.entries({ ...KEYS, AWS_ENDPOINT_URL: NOBODY, AWS_REGION: undefined }))
    vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const env = { AWS_DEFAULT_REGION: "eu-west-1", AWS_ENDPOINT_URL: NOBODY };
  await expect(find({}, env)).rejects.toMatchObject({
    code: "fault",
    message: expect.stringMatching(/^there is no connection: .*; AWS_ENDPOINT_URL points at this machine/),
  });
  await expect(find({}, {})).rejects.toMatchObject({
    code: "usage",
    message: expect.stringMatching(/no AWS region.*--local$/),
  });
  expect(regionOf({ AWS_REGION: "a", AWS_DEFAULT_REGION: "b" })).toBe("a");
});
