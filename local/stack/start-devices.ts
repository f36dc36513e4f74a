import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { type Notecard, startNotecard } from "../blues/notecard/server.ts";
import type { Notehub } from "../blues/notehub/server.ts";
import { type AgentProcess, startAgent } from "./agent-process.ts";
import { type DevicePlace, devicePlaces } from "./device-places.ts";
import type { Flags } from "./flags.ts";

/** A device that runs: a Notecard in this process, and the agent, once it was its turn to start, in one of its own. */
export type Device = DevicePlace & { notecard: Notecard; agent?: AgentProcess };

export type Devices = {
  /** In the order of their numbers; never empty. */
  list: readonly [Device, ...Device[]];
  /** Resolves once every agent has spoken with its Notecard, or had long enough to. */
  up: Promise<void>;
  stop(): Promise<void>;
};

/** The alias of the route by which agents fetch. */
const ROUTE = "noteferry";

/** Starts the devices of the stack: all Notecards, and then the agents, as many at a time as the machine has processors. */
export async function startDevices(
  flags: Flags,
  notehub: Notehub,
  log: (source: string, line: string, deviceUid: string) => void,
): Promise<Devices> {
  await using started = new AsyncDisposableStack();
  const list: Device[] = [];
  for (const place of devicePlaces(flags)) {
    const { number, deviceUid, root, notecardFile } = place;
    await mkdir(root, { recursive: true });
    const notecard = await startNotecard({
      ...{ file: notecardFile, session: notehub.session(deviceUid), deviceUid, link: flags.link },
      port: number === 1 ? { preferred: flags.ports.notecard } : 0,
    });
    started.defer(() => notecard.close());
    list.push({ ...place, notecard });
  }
  const [first, ...others] = list;
  if (first === undefined) throw new Error("a stack has at least one device");
  const run = (device: Device): AgentProcess => {
    const { notecard, root, stateDir, logSource, deviceUid } = device;
    device.agent = startAgent({
      link: [
        ...["--notecard", `tcp://127.0.0.1:${notecard.port}`, "--route", ROUTE],
        ...(flags.fetch === undefined ? [] : ["--fetch", flags.fetch]),
      ],
      ...{ root, stateDir, configFile: flags.agentConfig },
      onLine: (line) => log(logSource, line, deviceUid),
    });
    return device.agent;
  };

  let stopping = false;
  const waiting = [...others];
  const startInTurn = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !stopping; next = waiting.shift())
      await run(next).up;
  };
  // Behind the first one, which fills the compile cache for them.
  const startAgents = async (): Promise<void> => {
    await run(first).up;
    await Promise.all(Array.from({ length: availableParallelism() }, startInTurn));
  };
  const up = flags.agent ? startAgents() : Promise.resolve();
  const notecards = started.move();
  return {
    list: [first, ...others],
    up,
    async stop() {
      stopping = true;
      await Promise.all(list.map(({ agent }) => agent?.stop()));
      await up;
      await notecards.disposeAsync();
    },
  };
}
