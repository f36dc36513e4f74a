import { once } from "node:events";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { CONSOLE_PORT } from "../../console/console-port.ts";
import { startConsole } from "../../console/start-console.ts";
import type { CliContext } from "../context.ts";
import { judgeFailure } from "../exit-codes.ts";
import { say } from "../terminal/print.ts";
import type { ConsoleFlags } from "./flags.ts";

/** Serves until Ctrl-C. */
export async function runConsole(this: CliContext, flags: ConsoleFlags): Promise<void> {
  const deployment = await findDeployment(flags, this);
  const port = flags.port ?? { preferred: CONSOLE_PORT };
  const served = await startConsole(deployment, port, (error) => say(this, judgeFailure(error).sentence));
  this.process.stdout.write(`${served.link()}\n`);
  say(this, `the console of ${deployment.name}; the link opens it in one browser, once. Ctrl-C ends it`);
  if (!this.signal.aborted) await once(this.signal, "abort");
  await served.close();
}
