import { readLocalDeployment } from "../../operator/cloud/local-deployment.ts";
import { CONSOLE_PORT } from "../../operator/console/console-port.ts";
import { type Console, startConsole } from "../../operator/console/start-console.ts";
import { portHolder } from "../host/loopback/port-holder.ts";
import { PortTaken } from "../host/loopback/port-taken.ts";
import type { Flags } from "./flags.ts";

/**
 * The operator's console for this stack, as `noteferry console --local` would start it.
 *
 * @param log told of its faults
 * @throws {PortTaken} for a port that was asked for.
 */
export async function startStackConsole(flags: Flags, log: (line: string) => void): Promise<Console> {
  const { consolePort: port = { preferred: CONSOLE_PORT } } = flags;
  const deployment = await readLocalDeployment(flags.dataDir);
  const tell = (fault: unknown) =>
    log(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
  return await startConsole(deployment, port, tell).catch(async (error: unknown) => {
    const holder = typeof port === "number" ? await portHolder(port) : undefined;
    throw typeof port === "number" && holder !== undefined ? new PortTaken(port, holder, error) : error;
  });
}
