import type { AgentEvent } from "./agent-event.ts";
import { printable } from "./printable.ts";

/** Where lines go: standard output, or a test's ears. */
export type Output = { write(text: string): unknown; isTTY?: boolean };

/** One line of JSON per event, for programs. */
export function createJsonPrinter(output: Output): (event: AgentEvent) => void {
  return (event) => void output.write(`${JSON.stringify(event)}\n`);
}

/** Sentences for people. A terminal sees chunks come; a log gets a line only for what is worth one. */
export function createTextPrinter(output: Output): (event: AgentEvent) => void {
  let unfinished = false;
  return (event) => {
    const text = sentenceOf(event);
    const passing = event.event === "chunk" && event.bytes < event.size;
    if (text === undefined || (passing && output.isTTY !== true)) return;
    if (output.isTTY !== true) return void output.write(`${text}\n`);
    output.write(`${unfinished ? "\r\u001b[K" : ""}${text}${passing ? "" : "\n"}`);
    unfinished = passing;
  };
}

function sentenceOf(event: AgentEvent): string | undefined {
  switch (event.event) {
    case "ready":
      return `ready: ${event.notecard}, files go below ${event.root}`;
    case "waiting":
      return `waiting for the Notecard: ${event.reason}`;
    case "announced":
      return `announced ${printable(event.name)}, ${count(event.size)} bytes`;
    case "resumed":
      return `resumed ${printable(event.name)} at ${count(event.bytes)} of ${count(event.size)} bytes`;
    case "chunk":
      return `fetching ${printable(event.name)}: ${event.chunk} of ${event.totalChunks} chunks, ${count(event.bytes)} of ${count(event.size)} bytes`;
    case "retrying":
      return `${printable(event.name)}: ${event.reason}, trying again in ${event.seconds.toFixed(1)} s (${printable(event.detail)})`;
    case "verified":
      return undefined;
    case "running":
      return `running ${event.command.map(printable).join(" ")}`;
    case "restored":
      return `took back ${printable(event.path)}: ${printable(event.detail)}`;
    case "installed":
      return `installed ${printable(event.path)} in ${event.seconds.toFixed(1)} s: ${count(event.bytes)} bytes, ${event.requests} requests`;
    case "unchanged":
      return `unchanged ${printable(event.path)}: nothing to fetch`;
    case "discarded":
      return `discarded an announcement of ${printable(event.name)}: ${event.reason}`;
    case "superseded":
      return undefined;
    case "refused":
      return `refused ${event.name === "" ? "a Note" : printable(event.name)}: ${printable(event.detail)}`;
    case "failed": {
      const next =
        event.retrySeconds === undefined
          ? "not tried again"
          : `tried again in ${Math.round(event.retrySeconds)} s`;
      return `failed ${printable(event.name)}: ${event.reason} (${printable(event.detail)}), ${next}`;
    }
  }
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
