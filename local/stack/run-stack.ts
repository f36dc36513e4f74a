import { rmSync } from "node:fs";
import { openPrivateFolder } from "../host/disk/private-folder.ts";
import { createLogFiles } from "../progress/log-files.ts";
import { createNarrator } from "../progress/narrator.ts";
import { createPrinter } from "../progress/printer.ts";
import { createBanner } from "./banner.ts";
import { LOCK_FILE } from "./data-lock.ts";
import { endpointsFile } from "./endpoints-file.ts";
import type { Flags } from "./flags.ts";
import { type Stack, startStack } from "./start-stack.ts";

/** Runs the stack until SIGINT or SIGTERM, and tells a person what happens. */
export async function runStack(flags: Flags, out: NodeJS.WriteStream): Promise<void> {
  const printer = createPrinter(out);
  await openPrivateFolder(flags.dataDir, LOCK_FILE); // before anything is in it
  const logs = await createLogFiles(flags.dataDir);
  let stack: Stack | undefined;
  const narrate = createNarrator(
    () => {
      const link = stack?.notecard.counters().total;
      return link === undefined
        ? { bytes: 0, messages: 0 }
        : { bytes: link.up + link.down, messages: link.messages };
    },
    () => performance.now(),
  );
  const stopped = askedToStop(flags.dataDir);
  const loading = import("./stack-console.ts"); // the AWS SDK takes a while to load
  printer.say("Synthesising the app and starting its template ...");
  stack = await startStack(flags, {
    onEvent: (event) => printer.print(narrate(event)),
    onLog: (source, line) => logs.write(source, line),
  });
  const { startStackConsole } = await loading;
  const console = await startStackConsole(flags, (line) => logs.write("console", line));
  printer.say(createBanner(stack, flags, console.link()));
  await stopped;
  printer.say("Stopping ...");
  await console.close();
  await stack.stop();
  await logs.close();
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
