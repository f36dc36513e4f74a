import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startFunction } from "../../../../local/aws/lambda/function.ts";
import { functionOptions, localFunction, writeBundle } from "./support/bundle.ts";
import { isRunning } from "./support/is-running.ts";

const ECHO = "export const handler = async (event) => event;";

describe("what goes wrong in the function", () => {
  test("a throw is a function error with its type and stack, and costs no environment", async () => {
    const target = await localFunction(
      "export const handler = async (bad) => { if (bad) throw new RangeError('too far: é'); return process.pid; };",
    );
    const first = await target.invoke(false);
    expect(await target.invoke(true)).toEqual({
      kind: "function-error",
      errorType: "RangeError",
      errorMessage: "too far: é",
      stack: expect.arrayContaining([expect.stringContaining("RangeError: too far")]),
    });
    expect(await target.invoke(false)).toEqual(first);
  });

  test("something thrown that is no Error is one too", async () => {
    const target = await localFunction("export const handler = async () => { throw 'a string'; };");
    expect(await target.invoke({})).toMatchObject({ kind: "function-error", errorMessage: "a string" });
  });

  test.each([
    ["throws while it loads", "throw new TypeError('no luck');", "TypeError"],
    ["lacks the handler", "export const other = 1;", "Runtime.HandlerNotFound"],
    ["has a syntax error", "export const = ;", "Runtime.UserCodeSyntaxError"],
    ["takes a callback", "export const handler = (a, b, c) => {};", "Runtime.CallbackHandlerDeprecated"],
  ])(
    "a bundle that %s is a function error, and is loaded anew the next time",
    async (_, source, errorType) => {
      const codeDir = await writeBundle(source);
      const target = startFunction(functionOptions(codeDir));
      onTestFinished(() => target.stop());
      expect(await target.invoke({})).toMatchObject({ kind: "function-error", errorType });
      expect(target.environments()).toEqual([]);
      await writeFile(path.join(codeDir, "index.mjs"), ECHO);
      expect(await target.invoke(7)).toEqual({ kind: "ok", payload: 7 });
    },
  );

  test.each([
    ["waits for ever", "await new Promise((done) => setTimeout(done, 1e8))"],
    ["blocks its thread", "for (;;);"],
  ])("a handler that %s is killed at its time-out and replaced", async (_, body) => {
    const lines: string[] = [];
    const target = await localFunction(
      `export const handler = async (hang) => { if (hang) { ${body} } return process.pid; };`,
      { timeoutSeconds: 0.5, onLog: (line) => lines.push(line) },
    );
    const { payload: pid } = (await target.invoke(false)) as { payload: number };
    expect(await target.invoke(true)).toEqual({
      kind: "timed-out",
      errorMessage: expect.stringContaining("Task timed out after 0.50 seconds"),
    });
    expect(isRunning(pid)).toBe(false);
    expect(lines.join("\n")).toContain("Task timed out");
    expect(await target.invoke(false)).not.toEqual({ kind: "ok", payload: pid });
  });

  test("a process that exits during an invocation is a crash, and is replaced", async () => {
    const target = await localFunction(
      "export const handler = async (exit) => { if (exit) process.exit(3); return 'alive'; };",
    );
    expect(await target.invoke(true)).toEqual({
      kind: "crashed",
      errorMessage: expect.stringMatching(
        /^RequestId: [0-9a-f-]+ Error: Runtime exited with error: exit status 3$/,
      ),
    });
    expect(await target.invoke(false)).toEqual({ kind: "ok", payload: "alive" });
  });

  test("a process killed during an invocation is a crash", async () => {
    const started = Promise.withResolvers<void>();
    const target = await localFunction(
      "export const handler = async () => { console.log('started'); await new Promise((done) => setTimeout(done, 1e6)); };",
      { onLog: (line) => line.includes("started") && started.resolve() },
    );
    const result = target.invoke({});
    await started.promise;
    expect(target.kill()).toBe(1);
    expect(await result).toMatchObject({ kind: "crashed", errorMessage: expect.stringContaining("SIGKILL") });
  });

  test("a process that exits while it loads is a crash", async () => {
    const target = await localFunction("process.exit(9);");
    expect(await target.invoke({})).toMatchObject({
      kind: "crashed",
      errorMessage: expect.stringContaining("exit status 9"),
    });
  });

  test("a process that ended between invocations is replaced unseen", async () => {
    const target = await localFunction("export const handler = async () => process.pid;");
    await target.invoke({});
    for (const { pid } of target.environments()) process.kill(pid, "SIGKILL");
    await vi.waitFor(() => expect(target.environments()).toEqual([]));
    expect(await target.invoke({})).toMatchObject({ kind: "ok" });
  });

  test("a function that needs more than its memory crashes", async () => {
    const target = await localFunction(
      "export const handler = async () => { const kept = []; for (;;) kept.push(new Array(1e5).fill(kept.length)); };",
      { memoryMb: 64, timeoutSeconds: 20 },
    );
    expect(await target.invoke({})).toMatchObject({ kind: "crashed" });
  });

  test("a folder that does not exist is a crash, not an unhandled error", async () => {
    const target = startFunction(functionOptions("/nonexistent/folder"));
    onTestFinished(() => target.stop());
    expect(await target.invoke({})).toMatchObject({ kind: "crashed" });
  });
});
