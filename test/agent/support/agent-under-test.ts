import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { runCommandLine } from "../../../agent/commands/command-line.ts";
import type { AgentEvent } from "../../../agent/events/agent-event.ts";
import { createProcessNotes } from "../../../agent/trial/process-notes.ts";
import { compileCache } from "../../support/compile-cache.ts";
import { type FakeNotecard, startFakeNotecard } from "./fake-notecard.ts";

export const MAIN = path.resolve(import.meta.dirname, "../../../agent/main.ts");

type EventOf<Name extends AgentEvent["event"]> = Extract<AgentEvent, { event: Name }>;

/** An agent that runs, and what it tells. */
export type RunningAgent = {
  events: AgentEvent[];
  /** What it wrote on standard error. */
  errors: string[];
  /** The next event of this name that was not waited for before. */
  next<Name extends AgentEvent["event"]>(name: Name): Promise<EventOf<Name>>;
  /** @returns its exit code, null if a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Its exit code, once it has ended. */
  ended: Promise<number | null>;
};

export type StartOptions = { flags?: string[]; node?: string[]; env?: Record<string, string> };

/** A device: a fake Notecard, a root, a folder for state, and agents started on them. All end with the test. */
export type Device = {
  /** Ends everything before the test does. */
  end(): Promise<void>;
  fake: FakeNotecard;
  /** Holds the root and the state folder. */
  folder: string;
  root: string;
  state: string;
  /** Runs the agent in this process. */
  start(options?: Pick<StartOptions, "flags">): RunningAgent;
  /** Runs the agent in a process of its own, for what only that shows. */
  spawn(options?: StartOptions): RunningAgent;
};

export async function startDevice(): Promise<Device> {
  const fake = await startFakeNotecard();
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-agent-"));
  const [root, state] = [path.join(folder, "root"), path.join(folder, "state")];
  await mkdir(root);
  const agents: RunningAgent[] = [];
  let ended = false;
  const end = async () => {
    if (ended) return;
    ended = true;
    await Promise.all(agents.map((agent) => agent.stop("SIGKILL")));
    await fake.close();
    await createProcessNotes(path.join(state, "processes.json")).endLeftOvers();
    await rm(folder, { recursive: true, force: true });
  };
  const argsWith = (flags: string[]) => [
    ...["run", "--json", "--notecard", fake.address, "--root", root, "--state", state],
    ...["--poll", "0.02", "--retry-pause", "0.01", "--rest", "0.2", "--fetch", "json", ...flags],
  ];
  const keep = (agent: RunningAgent) => {
    agents.push(agent);
    return agent;
  };
  onTestFinished(end);
  return {
    end,
    fake,
    folder,
    root,
    state,
    start: ({ flags = [] } = {}) => keep(runHere(argsWith(flags))),
    spawn: ({ flags = [], node = [], env = {} } = {}) =>
      keep(runApart([...node, MAIN, ...argsWith(flags)], env)),
  };
}

/** Runs a command line in this process. */
export function runHere(args: string[]): RunningAgent {
  const stopping = new AbortController();
  const { hear, fail, finish } = createEars();
  const output = { stdout: { write: hear }, stderr: { write: fail } };
  const ended = runCommandLine(args, output, stopping.signal);
  return finish(ended, () => stopping.abort());
}

/** Runs a command line in a process of its own. */
export function runApart(args: string[], env: Record<string, string> = {}): RunningAgent {
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...compileCache(), ...env },
  });
  const { hear, fail, finish } = createEars();
  createInterface(child.stdout).on("line", hear);
  createInterface(child.stderr).on("line", fail);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return finish(ended, (signal) => {
    // A program that outlives it has its standard error, and would keep that open.
    if (signal === "SIGKILL") child.once("exit", () => child.stderr.destroy());
    child.kill(signal);
  });
}

/** Collects what an agent says, and lets a test wait for it. */
function createEars() {
  const events: AgentEvent[] = [];
  const errors: string[] = [];
  const taken = new Set<AgentEvent>();
  let exited = false;
  let heard = Promise.withResolvers<void>();
  const wake = () => {
    heard.resolve();
    heard = Promise.withResolvers();
  };
  return {
    hear(line: string) {
      events.push(JSON.parse(line));
      wake();
    },
    fail(line: string) {
      errors.push(line);
    },
    finish(ended: Promise<number | null>, stop: (signal: NodeJS.Signals) => void): RunningAgent {
      void ended.then(() => {
        exited = true;
        wake();
      });
      return {
        events,
        errors,
        ended,
        stop(signal = "SIGTERM") {
          stop(signal);
          return ended;
        },
        async next(name) {
          for (;;) {
            const found = events.find((event) => event.event === name && !taken.has(event));
            if (found !== undefined) {
              taken.add(found);
              return found as EventOf<typeof name>;
            }
            if (exited) throw new Error(`the agent ended before ${name}: ${errors.join("\n")}`);
            await heard.promise;
          }
        },
      };
    },
  };
}
