import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { explainCdkFailure } from "../lib/cdk-failure.ts";

// CDK's own command as it is, but for a line at the end where what it says does not say what to do.
const command = createRequire(import.meta.url).resolve("aws-cdk/bin/cdk");
const child = spawn(process.execPath, [command, ...process.argv.slice(2)], {
  stdio: ["inherit", "inherit", "pipe"],
  // Its standard error is a pipe here, and would lose its colours and its progress bar.
  env: {
    ...(process.stderr.isTTY && process.env.NO_COLOR === undefined ? { FORCE_COLOR: "1" } : {}),
    ...process.env,
  },
});
let said = "";
child.stderr.on("data", (text) => {
  process.stderr.write(text);
  said = (said + text).slice(-20_000);
});
// Ctrl-C reaches both, another signal this one alone: CDK's command ends as it likes, and this one with it.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.once("close", (code, signal) => {
  const advice = code === 0 ? undefined : explainCdkFailure(said);
  if (advice !== undefined) console.error(`\n${advice}`);
  process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
});
