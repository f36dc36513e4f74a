import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findDeployment } from "../../../operator/cloud/find-deployment.ts";

let cwd = "";
beforeAll(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), "noteferry-where-"));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const find = (where: { local?: boolean; data?: string; stage?: string }) =>
  findDeployment(
    { local: where.local, data: where.data, stage: where.stage },
    { cwd, signal: new AbortController().signal },
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
    ...{ name: `the stack in ${cwd}`, local: true, outputs: { X: "1" } },
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
