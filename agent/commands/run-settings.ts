import { CHUNK_MAX_BYTES } from "../../protocol/limits.ts";
import type { RetryPolicy } from "../delivery/retry-policy.ts";
import { type NotecardAddress, parseNotecardAddress } from "../notecard/open-port.ts";

/** What `run` needs to know. */
export type RunSettings = {
  notecard: NotecardAddress;
  /** As it was given, for people. */
  notecardText: string;
  root: string;
  state: string;
  /** Alias of the proxy route in Notehub. */
  route: string;
  /** Set on the Notecard only if given. */
  product?: string;
  mode?: HubMode;
  /** Bytes of file per request. */
  chunkSize: number;
  /** Milliseconds between two looks at the Notecard. */
  pollMs: number;
  policy: RetryPolicy;
};

const HUB_MODES = ["continuous", "periodic", "minimum", "off"] as const;
export type HubMode = (typeof HUB_MODES)[number];

/** A setting that cannot be used; the message names it as the person wrote it. */
export class SettingRefused extends Error {
  override name = "SettingRefused" as const;
}

export function readNotecard(name: string, text: string): NotecardAddress {
  const address = parseNotecardAddress(text);
  if (address === undefined) {
    throw new SettingRefused(
      `${name}: "${text}" is neither tcp://host:port nor serial:/dev/… nor a device's path`,
    );
  }
  return address;
}

export function readMode(name: string, text: string): HubMode {
  const mode = HUB_MODES.find((each) => each === text);
  if (mode === undefined) throw new SettingRefused(`${name}: "${text}" is none of ${HUB_MODES.join(", ")}`);
  return mode;
}

export function readChunkSize(name: string, text: string): number {
  return readWholeNumber(name, text, 1, CHUNK_MAX_BYTES);
}

/** Seconds, with decimals, as milliseconds. */
export function readSeconds(name: string, text: string, least: number, most: number): number {
  const seconds = /^[0-9]+(?:\.[0-9]+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds >= least && seconds <= most)) {
    throw new SettingRefused(`${name}: "${text}" is no number of seconds from ${least} to ${most}`);
  }
  return seconds * 1000;
}

function readWholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new SettingRefused(`${name}: "${text}" is no whole number from ${least} to ${most}`);
  }
  return value;
}
