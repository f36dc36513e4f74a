import { CHUNK_MAX_BYTES } from "../../protocol/limits.ts";
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from "../delivery/retry-policy.ts";
import type { AttnCommand } from "../link/notecard/attn-pin.ts";
import type { FetchWay } from "../link/notecard/doors/choose-door.ts";
import type { NotecardAddress } from "../notecard/open-port.ts";
import type { RunRule } from "../trial/run-rule.ts";
import { SettingRefused } from "./setting-refused.ts";
import type { HubMode } from "./setting-values.ts";

/** On cellular it is often a minute, and with a bad signal several. */
const CONNECT_MS = 5 * 60_000;

/** What a person may set, by flag or in a config file. */
export type GivenSettings = {
  notecard?: { address: NotecardAddress; text: string };
  root?: string;
  state?: string;
  route?: string;
  product?: string;
  mode?: HubMode;
  fetch?: FetchWay;
  chunkSize?: number;
  pollMs?: number;
  firstPauseMs?: number;
  firstRestMs?: number;
  connectMs?: number;
  attnCommand?: AttnCommand;
  run?: readonly RunRule[];
};

/** What the agent goes by. */
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
  /** How bytes are fetched; `auto` finds out what the Notecard can do. */
  fetch: FetchWay;
  /** Bytes of file per request of the JSON way. */
  chunkSize: number;
  /** Milliseconds between two looks at the Notecard. */
  pollMs: number;
  /** Milliseconds that the Notecard may take to connect before a delivery is put off. */
  connectMs: number;
  /** Tells when the ATTN pin rises; without it the Notecard is asked. */
  attnCommand?: AttnCommand;
  policy: RetryPolicy;
  /** Programs to run after installations; the first rule that matches counts. */
  run: readonly RunRule[];
};

/** @throws {SettingRefused} that names what is missing. */
export function completeSettings(given: GivenSettings): RunSettings {
  const { notecard, root, product, mode, attnCommand } = given;
  if (notecard === undefined) throw missing("notecard");
  if (root === undefined) throw missing("root");
  const state = stateFolderOf(given);
  return {
    notecard: notecard.address,
    notecardText: notecard.text,
    root,
    state,
    route: given.route ?? "noteferry",
    ...(product === undefined ? {} : { product }),
    ...(mode === undefined ? {} : { mode }),
    fetch: given.fetch ?? "auto",
    chunkSize: given.chunkSize ?? CHUNK_MAX_BYTES,
    pollMs: given.pollMs ?? defaultPollMs(notecard.address),
    connectMs: given.connectMs ?? CONNECT_MS,
    ...(attnCommand === undefined ? {} : { attnCommand }),
    policy: {
      ...DEFAULT_RETRY_POLICY,
      ...(given.firstPauseMs === undefined ? {} : { firstPauseMs: given.firstPauseMs }),
      ...(given.firstRestMs === undefined ? {} : { firstRestMs: given.firstRestMs }),
    },
    run: given.run ?? [],
  };
}

/** A look takes 50 ms of a line at 9600 baud; over TCP alone it takes nothing. */
function defaultPollMs(address: NotecardAddress): number {
  return address.kind === "tcp" && address.pace === undefined ? 500 : 2_000;
}

/** @throws {SettingRefused} */
export function stateFolderOf({ state }: GivenSettings): string {
  if (state === undefined) throw missing("state");
  return state;
}

function missing(name: string): SettingRefused {
  return new SettingRefused(`--${name} is missing, and so is "${name}" in a config file`);
}
