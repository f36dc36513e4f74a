import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test, vi } from "vitest";
import { functionOptions, writeBundle } from "./support/bundle.ts";
import { isRunning } from "./support/is-running.ts";

const FUNCTION = new URL("../../../../local/aws/lambda/function.ts", import.meta.url).href;

test.each([
  ["is idle", "return process.pid;"],
  ["waits", "console.log(process.pid); await new Promise((done) => setTimeout(done, 1e8));"],
  [
    "blocks its thread",
    "process.stdout.write(process.pid + '\\n', () => { for (;;); }); await new Promise(() => {});",
  ],
])("an environment that %s ends when the stack is killed", async (_, body) => {
  const codeDir = await writeBundle(`export const handler = async () => { ${body} };`);
  const options = { ...functionOptions(codeDir), timeoutSeconds: 600 };
  const stack = spawn(process.execPath, [
    "--input-type=module",
    "--eval",
    `import { startFunction } from ${JSON.stringify(FUNCTION)};
     const print = (line) => console.log(/(\\d+)$/.exec(line)?.[1]);
     const target = startFunction({ ...${JSON.stringify(options)}, onLog: print });
     target.invoke({}).then((result) => print(String(result.payload)));
     setInterval(() => {}, 1e6);`,
  ]);
  const [printed] = await once(stack.stdout, "data");
  const pid = Number(String(printed));
  expect(isRunning(pid)).toBe(true);
  stack.kill("SIGKILL");
  await once(stack, "exit");
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), 10_000);
});
