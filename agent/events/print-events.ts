import type { Way } from "../../protocol/representation.ts";
import type { AgentEvent } from "./agent-event.ts";
import type { InstalledEvent } from "./delivery-event.ts";
import { levelOf, type Stamp } from "./log-stamp.ts";

/** Where lines go: standard output, or a test that listens. */
export type Output = { write(text: string): unknown; isTTY?: boolean; columns?: number };

/** `end` says that nothing more comes. */
export type Printer = { print(event: AgentEvent): void; end(): void };

/** One line of JSON per event, for programs. */
export function createJsonPrinter(output: Output): Printer {
  return { print: (event) => void output.write(`${JSON.stringify(event)}\n`), end: () => undefined };
}

/**
 * Sentences for people. A terminal shows the chunks come, in one line; a log gets a line only for what is worth one.
 *
 * @param stamp what the lines of a log begin with; a terminal has none
 */
export function createTextPrinter(output: Output, stamp: Stamp): Printer {
  const terminal = output.isTTY === true;
  let unfinished = false;
  return {
    print(event) {
      const text = sentenceOf(event);
      const passing = event.event === "chunk" && event.bytes < event.size;
      if (text === undefined || (passing && !terminal)) return;
      const line = passing
        ? cut(text, (output.columns ?? 80) - 1)
        : `${terminal ? "" : stamp(levelOf(event))}${text}\n`;
      output.write(`${unfinished ? "\r\u001b[K" : ""}${line}`);
      unfinished = passing;
    },
    end() {
      if (unfinished) output.write("\n");
      unfinished = false;
    },
  };
}

/** A line wider than the terminal could not be written over. */
function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function sentenceOf(event: AgentEvent): string | undefined {
  switch (event.event) {
    case "ready":
      return `ready: ${event.link}, files go below ${event.root}`;
    case "waiting":
      return `waiting, there is no link: ${printable(event.reason)}`;
    case "record-unreadable":
      return `${printable(event.file)} in the state folder cannot be read, so that its fleet counts as not heard: ${printable(event.detail)}`;
    case "report-given-up": {
      const about = event.about === undefined ? "" : ` of ${printable(event.about)}`;
      return `the report ${event.state}${about} is given up: the link takes others, and never this one`;
    }
    case "attn-ended":
      return `the ATTN pin is not watched, the Notecard is asked instead: ${printable(event.reason)}`;
    case "job-refused":
      return `AWS IoT does not take that job ${printable(event.job)} is ${event.status}: ${printable(event.detail)}; it is told again`;
    case "announced":
      return `announced ${printable(event.name)}, ${count(event.size)} bytes`;
    case "requested":
      return `retrying ${printable(event.path)} by request`;
    case "connecting":
      return `${printable(event.name)}: waiting for a connection (${printable(event.detail)})`;
    case "resumed":
      return `resumed ${printable(event.name)} at ${count(event.bytes)} of ${count(event.size)} bytes`;
    case "chunk":
      return `fetching ${printable(event.name)}: ${event.chunk} of ${event.totalChunks} chunks, ${count(event.bytes)} of ${count(event.size)} bytes`;
    case "retrying":
      return `${printable(event.name)}: ${event.reason}, trying again in ${event.seconds.toFixed(1)} s (${printable(event.detail)})`;
    case "fell-back":
      return `${printable(event.name)}: ${WAY[event.from]} cannot be used, taking ${WAY[event.to]}: ${event.reason} (${printable(event.detail)})`;
    case "verified":
      return undefined;
    case "attributes-lost":
      return `${printable(event.path)} lacks what the file before had: ${printable(event.detail)}`;
    case "running":
      return `running ${event.command.map(printable).join(" ")}`;
    case "stopped": {
      const next =
        event.restartSeconds === undefined
          ? "not started again"
          : `started again in ${event.restartSeconds.toFixed(1)} s`;
      return `the program of ${printable(event.path)} stopped: ${printable(event.detail)}, ${next}`;
    }
    case "restored":
      return `took back ${printable(event.path)}: ${printable(event.detail)}`;
    case "unsettled":
      return `${printable(event.path)} can be neither tried nor taken back yet: ${printable(event.detail)}`;
    case "installed":
      return `installed ${printable(event.path)} in ${event.seconds.toFixed(1)} s: ${costOf(event)}`;
    case "unchanged":
      return `unchanged ${printable(event.path)}: nothing to fetch`;
    case "removed":
      return `removed ${printable(event.path)}`;
    case "unit":
      return `${event.paths.length} files, one unit: putting them in place for the rule ${printable(event.match)}`;
    case "unit-waits":
      return `${event.paths.length} files of the rule ${printable(event.match)} wait for ${event.lacks.map(printable).join(", ")}`;
    case "discarded":
      return `discarded an announcement of ${printable(event.name)}: ${event.reason}`;
    case "superseded":
      return undefined;
    case "gone":
      return `${printable(event.name)} was deleted in the bucket: the file stays`;
    case "manifest":
      return `${printable(event.fleet)} should have ${count(event.files)} files (manifest ${event.serial}, ${count(event.bytes)} bytes by ${event.requests} requests)`;
    case "manifest-failed": {
      const next =
        event.retrySeconds === undefined
          ? "not tried again"
          : `tried again in ${Math.round(event.retrySeconds)} s`;
      return `the manifest of ${printable(event.variable)} could not be had: ${event.reason} (${printable(event.detail)}), ${next}`;
    }
    case "brought": {
      const { installed, unchanged, removed, exceptions } = event;
      return `manifest ${event.serial} of ${printable(event.fleet)}: ${count(installed)} installed, ${count(unchanged)} unchanged, ${count(removed)} removed, ${count(exceptions)} not as it says`;
    }
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

const WAY: Readonly<Record<Way, string>> = {
  note: "the patch in the Note",
  patch: "the patch",
  zstd: "the compressed form",
  whole: "the whole file",
};

function costOf({ way, carried, size, bytes, requests }: InstalledEvent): string {
  if (way === "note") return `${count(carried)} bytes in the Note instead of ${count(size)}, nothing fetched`;
  const saved = way === "whole" ? "" : ` instead of ${count(size)} (${way})`;
  return `${count(bytes)} bytes${saved}, ${requests} requests`;
}

/** Adds commas: `toLocaleString` would load 8 MB of languages for them. */
function count(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

/** Text from outside, made harmless: it must not control a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
