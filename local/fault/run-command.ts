import * as v from "valibot";
import type { Command } from "./arguments.ts";
import { askControl } from "./ask-control.ts";
import { type ControlAddress, NoStack } from "./find-stack.ts";

const Killed = v.object({ name: v.string(), killed: v.number() });

const Counts = v.array(v.object({ method: v.string(), path: v.string(), count: v.number() }));

const Calls = v.object({ total: v.number(), calls: Counts, operations: Counts });

/** Most paths that are told one by one. */
const LINES_MAX = 20;

/**
 * Has the stack do what a person asked for; `events` lasts until the stack ends.
 *
 * @throws {NoStack | Refused}
 */
export async function runCommand(
  command: Command,
  control: ControlAddress,
  say: (line: string) => void,
): Promise<void> {
  switch (command.do) {
    case "inject":
      await askControl(control, "POST", `/${command.place}/faults`, command.fault);
      return say(`in force: ${command.place} ${JSON.stringify(command.fault)}`);
    case "clear":
      for (const place of command.places) await askControl(control, "DELETE", `/${place}/faults`);
      return say(`cleared: ${command.places.join(", ")}`);
    case "kill": {
      const path =
        command.name === "iot" ? "/iot/kill" : `/functions/${encodeURIComponent(command.name)}/kill`;
      const { name, killed } = v.parse(Killed, await (await askControl(control, "POST", path)).json());
      return say(killed === 0 ? `no process of ${name} runs` : `killed: ${killed} of ${name}`);
    }
    case "calls": {
      const { total, calls, operations } = v.parse(
        Calls,
        await (await askControl(control, "GET", "/notehub/calls")).json(),
      );
      // A line a path, unless a fleet makes that too many.
      const told = calls.length > LINES_MAX ? operations : calls;
      for (const { count, method, path } of told) say(`${String(count).padStart(6)}  ${method} ${path}`);
      const others = total - told.reduce((sum, { count }) => sum + count, 0);
      if (others > 0) say(`${String(others).padStart(6)}  others`);
      return say(`${String(total).padStart(6)}  in all`);
    }
    case "events":
      return printEvents(await askControl(control, "GET", "/events"), say);
  }
}

/** Each `data:` of a stream of server-sent events, as a line. */
async function printEvents({ body }: Response, say: (line: string) => void): Promise<void> {
  const text = body?.pipeThrough(new TextDecoderStream()) ?? [];
  let rest = "";
  try {
    for await (const piece of text) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.startsWith("data: ")) say(line.slice("data: ".length));
    }
  } catch (cause) {
    throw new NoStack("the stack broke off: it was killed, or the lines were not read fast enough", {
      cause,
    });
  }
}
