import { rmSync } from "node:fs";
import { gatherBursts } from "../progress/bursts.ts";
import { createLogFiles, type LogFiles } from "../progress/log-files.ts";
import { createNarrator } from "../progress/narrator.ts";
import { createPrinter } from "../progress/printer.ts";
import { createBanner } from "./banner.ts";
import { devicePlaces } from "./device-places.ts";
import { endpointsFile } from "./endpoints-file.ts";
import type { Flags } from "./flags.ts";
import { otherPorts, tellOtherPorts } from "./other-ports.ts";
import { type Stack, startStack } from "./start-stack.ts";

/** Runs the stack until SIGINT or SIGTERM, and tells a person what happens. */
export async function runStack(flags: Flags, out: NodeJS.WriteStream): Promise<void> {
  const began = performance.now();
  const printer = createPrinter(out);
  let logs: LogFiles | undefined;
  let stack: Stack | undefined;
  const several = flags.devices > 1;
  const numbers = new Map(devicePlaces(flags).map(({ deviceUid, number }) => [deviceUid, number]));
  const narrate = createNarrator({
    linkUse: (deviceUid) => {
      const link = stack?.devices.list[(numbers.get(deviceUid) ?? 0) - 1]?.notecard.counters().total;
      return link && { bytes: link.up + link.down, messages: link.messages };
    },
    nameOf: several ? (uid) => (numbers.has(uid) ? `device ${numbers.get(uid)}` : uid) : undefined,
    now: () => performance.now(),
  });
  const bursts = gatherBursts(flags.devices, printer.print);
  const stopped = askedToStop(flags.dataDir);
  const loading = import("./stack-console.ts"); // the AWS SDK takes a while to load
  printer.say("Synthesising the app and starting its template ...");
  stack = await startStack(flags, {
    onLocked: async () => {
      logs = await createLogFiles(flags.dataDir); // not before: they are perhaps being written
    },
    onEvent: (event) => {
      const narration = narrate(event);
      if (narration !== undefined) bursts.add(narration);
    },
    onLog: (source, line) => logs?.write(source, line),
  });
  const { startStackConsole } = await loading;
  const console = await startStackConsole(flags, (line) => logs?.write("console", line)).catch(
    async (error: unknown) => {
      await stack?.stop(); // or the agents would go on, and the ports stay taken
      throw error;
    },
  );
  const others = await tellOtherPorts(otherPorts(flags, stack.endpoints, console.link()));
  printer.say(createBanner(stack, flags, console.link(), others));
  if (several && flags.agent) void stack.devices.up.then(() => printer.print(agentsUp(flags.devices, began)));
  await stopped;
  bursts.flush();
  printer.say("Stopping ...");
  await console.close();
  await stack.stop();
  await logs?.close();
}

function agentsUp(devices: number, began: number) {
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  return { text: `The agents of ${devices} devices are up, ${seconds} s after the start.`, transient: false };
}

/** Resolves at the first SIGINT or SIGTERM; a second ends the process at once, but still takes the keys off the disk. */
function askedToStop(dataDir: string): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const ask = () => {
      if (asked) {
        rmSync(endpointsFile(dataDir), { force: true });
        process.exit(1);
      }
      asked = true;
      resolve();
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, ask);
  });
}
