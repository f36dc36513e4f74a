import { readLocalDeployment } from "../../operator/cloud/local-deployment.ts";
import { CONSOLE_PORT } from "../../operator/console/console-port.ts";
import { type Console, startConsole } from "../../operator/console/start-console.ts";
import type { Flags } from "./flags.ts";

/** The operator's console for this stack, as `noteferry console --local` would start it. @param log told of its faults */
export async function startStackConsole(flags: Flags, log: (line: string) => void): Promise<Console> {
  const deployment = await readLocalDeployment(flags.dataDir);
  return await startConsole(deployment, flags.consolePort ?? { preferred: CONSOLE_PORT }, (fault) =>
    log(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)),
  );
}
