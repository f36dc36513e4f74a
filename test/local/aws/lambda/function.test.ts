import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ReservedVariable } from "../../../../local/aws/lambda/environment-variables.ts";
import { FunctionStopped, startFunction } from "../../../../local/aws/lambda/function.ts";
import { functionOptions, localFunction } from "./support/bundle.ts";
import { isRunning } from "./support/is-running.ts";

const ECHO = "export const handler = async (event) => event;";

test("the handler gets the event and Lambda's context, and what it returns comes back", async () => {
  const target = await localFunction(
    `export const handler = async (event, context) => ({
       event, id: context.awsRequestId, arn: context.invokedFunctionArn, left: context.getRemainingTimeInMillis() });`,
  );
  const event = { text: "Grüße 😀\u2028", nested: [null, 1.5] };
  const result = await target.invoke(event);
  expect(result).toEqual({
    kind: "ok",
    payload: {
      event,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      arn: target.arn,
      left: expect.any(Number),
    },
  });
});

test("a handler that returns nothing has returned null", async () => {
  const target = await localFunction("export const handler = async () => {};");
  expect(await target.invoke({})).toEqual({ kind: "ok", payload: null });
});

test("events and replies of 5 MB go through whole", async () => {
  const target = await localFunction(ECHO);
  const event = { text: "é".repeat(2_500_000) };
  expect(await target.invoke(event)).toEqual({ kind: "ok", payload: event });
});

test("a reply above 6 MB is a function error, and the environment goes on", async () => {
  const target = await localFunction("export const handler = async (length) => 'x'.repeat(length);");
  expect(await target.invoke(6_300_000)).toMatchObject({
    kind: "function-error",
    errorType: "Function.ResponseSizeTooLarge",
  });
  expect(await target.invoke(1)).toEqual({ kind: "ok", payload: "x" });
});

describe("environment variables", () => {
  test("are the template's and Lambda's, and nothing of the stack's own", async () => {
    process.env.NOTEFERRY_TEST_LEAK = "leak";
    onTestFinished(() => {
      delete process.env.NOTEFERRY_TEST_LEAK;
    });
    const target = await localFunction("export const handler = async () => process.env;", {
      environment: { FILES_BUCKET: "files" },
    });
    const result = await target.invoke({});
    const { payload } = result as { payload: Record<string, string> };
    expect(payload).toMatchObject({
      FILES_BUCKET: "files",
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_SESSION_TOKEN: "token",
      AWS_LAMBDA_FUNCTION_NAME: "example",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
    });
    for (const name of ["NOTEFERRY_TEST_LEAK", "HOME", "VITEST", "NODE_ENV"]) {
      expect(payload).not.toHaveProperty(name);
    }
  });

  test("that Lambda keeps for itself are refused by name", async () => {
    const options = functionOptions("/", { environment: { AWS_REGION: "eu-west-1" } });
    expect(() => startFunction(options)).toThrow(ReservedVariable);
    expect(() => startFunction(options)).toThrow("AWS_REGION");
  });
});

describe("concurrency", () => {
  test("one invocation at a time in each environment, no more environments than allowed", async () => {
    const target = await localFunction(
      `export const handler = async () => {
         const start = performance.timeOrigin + performance.now();
         await new Promise((done) => setTimeout(done, 30));
         return { pid: process.pid, start, end: performance.timeOrigin + performance.now() };
       };`,
      { maxConcurrency: 2 },
    );
    const results = await Promise.all(Array.from({ length: 8 }, (_, n) => target.invoke(n)));
    const runs = results.map(
      (result) => (result as { payload: { pid: number; start: number; end: number } }).payload,
    );
    expect(new Set(runs.map(({ pid }) => pid)).size).toBe(2);
    expect(target.environments()).toHaveLength(2);
    for (const run of runs) {
      const inSameProcess = runs.filter((other) => other !== run && other.pid === run.pid);
      expect(inSameProcess.every((other) => other.end <= run.start || other.start >= run.end)).toBe(true);
    }
  });

  test("an invocation that waits can be given up; the one that runs cannot", async () => {
    const target = await localFunction(
      "export const handler = async () => { await new Promise((done) => setTimeout(done, 300)); return 'done'; };",
      { maxConcurrency: 1 },
    );
    const abort = new AbortController();
    const running = target.invoke(1, abort.signal);
    const waiting = target.invoke(2, abort.signal);
    const after = target.invoke(3);
    abort.abort(new Error("given up"));
    await expect(waiting).rejects.toThrow("given up");
    expect(await running).toEqual({ kind: "ok", payload: "done" });
    expect(await after).toEqual({ kind: "ok", payload: "done" });
  });
});

test("stop ends every process, whatever it does, and every invocation", async () => {
  const lines: string[] = [];
  const target = await localFunction(
    `process.on("SIGTERM", () => {});
     export const handler = async () => { console.log("started"); for (;;); };`,
    { maxConcurrency: 1, timeoutSeconds: 60, onLog: (line) => lines.push(line) },
  );
  const running = target.invoke(1);
  const waiting = target.invoke(2);
  const refused = expect(waiting).rejects.toThrow(FunctionStopped);
  await vi.waitFor(() => expect(lines.join()).toContain("started"), 10_000);
  const pids = target.environments().map(({ pid }) => pid);
  await target.stop();
  expect(await running).toMatchObject({ kind: "crashed" });
  await refused;
  expect(pids.filter(isRunning)).toEqual([]);
  await expect(target.invoke(3)).rejects.toThrow(FunctionStopped);
});

test("an environment that ended leaves no server behind", async () => {
  const servers = () => process.getActiveResourcesInfo().filter((name) => name === "TCPServerWrap").length;
  const target = await localFunction("export const handler = async () => process.exit(1);");
  const before = servers();
  await target.invoke({});
  await vi.waitFor(() => expect(servers()).toBe(before));
});

test("what the function writes comes as whole lines", async () => {
  const lines: string[] = [];
  const target = await localFunction(
    `export const handler = async () => {
       console.log("two\\nlines");
       process.stdout.write('{"level":');
       await new Promise((done) => setTimeout(done, 20));
       process.stdout.write('"INFO"}\\n');
       process.stderr.write("no newline at the end");
       process.exit(0);
     };`,
    { onLog: (line) => lines.push(line) },
  );
  await target.invoke({});
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/INFO\ttwo$/),
      "lines",
      '{"level":"INFO"}',
      "no newline at the end",
    ]),
  );
});
