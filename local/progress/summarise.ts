import { printable } from "../../agent/events/print-events.ts";
import { formatBytes } from "../../operator/words/format-bytes.ts";
import { count, label, type Narration, type Part } from "./narration.ts";

/** A line that stands for several. */
export type Line = Pick<Narration, "what" | "text" | "transient">;

/**
 * One line for several that say the same of different devices or files.
 *
 * @param so how many devices had a single file so far, these included
 * @param devices how many there are
 */
export function summarise(lines: readonly Narration[], so: number, devices: number): Line {
  const parts = lines.flatMap(({ part }) => (part === undefined ? [] : [part]));
  const keys = [...new Set(lines.map(({ key }) => key))];
  const [{ what, part } = { what: "" }] = lines;
  const detail = [
    ...(keys.length > 1 ? [files(keys.length, parts)] : []),
    part?.detail ?? "",
    ...(devices > 1 ? named(parts, keys.length > 1 ? 0 : so, devices) : []),
    ...took(parts),
    ...used(parts, devices),
  ];
  const text = detail.filter((each) => each !== "").join(" · ");
  return {
    what,
    text: `${label(what)} ${printable(commonFolder(keys))}  ${printable(text)}`,
    transient: lines.every(({ transient }) => transient),
  };
}

/** The key of a single file, and else the deepest folder that all are in, with its slash. */
function commonFolder([first = "", ...others]: readonly string[]): string {
  if (others.length === 0) return first;
  let folder = first.slice(0, first.lastIndexOf("/") + 1);
  while (!others.every((key) => key.startsWith(folder)))
    folder = folder.slice(0, folder.lastIndexOf("/", folder.length - 2) + 1);
  return folder;
}

function files(number: number, parts: readonly Part[]): string {
  const sizes = parts.flatMap(({ size }) => (size === undefined ? [] : [size]));
  const bytes = sizes.length < number ? "" : `, ${formatBytes(sum(sizes))}`;
  return `${count(number)} files${bytes}`;
}

function named(parts: readonly Part[], so: number, devices: number): string[] {
  const number = new Set(parts.flatMap(({ device }) => (device === undefined ? [] : [device]))).size;
  if (number === 0) return [];
  const all = so > number ? ` (${count(so)} of ${count(devices)})` : "";
  return [`${number === 1 ? "1 device" : `${count(number)} devices`}${all}`];
}

function took(parts: readonly Part[]): string[] {
  const seconds = parts.flatMap((part) => (part.seconds === undefined ? [] : [part.seconds]));
  if (seconds.length === 0) return [];
  return [`took ${Math.min(...seconds).toFixed(1)} to ${Math.max(...seconds).toFixed(1)} s`];
}

function used(parts: readonly Part[], devices: number): string[] {
  const bytes = parts.flatMap((part) => (part.linkBytes === undefined ? [] : [part.linkBytes]));
  return bytes.length === 0
    ? []
    : [`${count(sum(bytes))} bytes on ${devices > 1 ? "their links" : "the link"}`];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
