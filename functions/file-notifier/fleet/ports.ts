import type { FleetState, Hold } from "../../../protocol/fleet-state.ts";
import type { Packed } from "../../../protocol/packed.ts";
import type { FleetMessage } from "../message/fleet-message.ts";
import type { Turn } from "./pace.ts";

/** What a key holds now, as a HEAD of it shows. */
export type Seen = {
  /** `null` in a bucket that keeps no versions. */
  versionId: string;
  /** Bytes. */
  size: number;
  /** Of the object's metadata `noteferry-share`, as it was written. [NF-11.8] */
  share: string | undefined;
  /** And of `noteferry-release`. */
  release?: string | undefined;
};

export type KeyLooks = {
  /** Undefined if the key holds nothing. */
  look(of: { bucket: string; key: string }, signal: AbortSignal): Promise<Seen | undefined>;
};

/** What is known of each fleet. `tag` changes with each write. */
export type FleetStates = {
  /** @throws {Error} if there is one that cannot be read: nothing is built on its ruins. */
  read(
    fleet: string,
    signal: AbortSignal,
  ): Promise<{ state: FleetState | undefined; tag: string | undefined }>;
  /** Writes over what was read, if it is still there; the new tag, or undefined if somebody else wrote first. */
  write(state: FleetState, over: string | undefined, signal: AbortSignal): Promise<string | undefined>;
  /** UIDs of all fleets that have one. */
  fleets(signal: AbortSignal): Promise<string[]>;
  /** What an operator who uploads several files asks for meanwhile. */
  hold(fleet: string, signal: AbortSignal): Promise<Hold | undefined>;
};

/** The packed bucket, as far as manifests are concerned. [NF-11.6] */
export type ManifestStore = {
  /** Undefined if there is none. */
  find(packed: Packed, signal: AbortSignal): Promise<Uint8Array | undefined>;
  store(packed: Packed, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** One that is not there is gone already. */
  remove(packed: Packed, signal: AbortSignal): Promise<void>;
};

/** The environment variables of fleets. Every call may throw RetryLater or Undeliverable. */
export type Variables = {
  /** False only if Notehub says that the project has no such fleet. */
  isKnown(fleet: string, signal: AbortSignal): Promise<boolean>;
  set(fleet: string, name: string, value: string, signal: AbortSignal): Promise<void>;
  get(fleet: string, name: string, signal: AbortSignal): Promise<string | undefined>;
  /** One that is not there is gone already. */
  remove(fleet: string, name: string, signal: AbortSignal): Promise<void>;
};

/** Calls to Notehub that were made or are to be, by all environments. `tag` changes with each write. */
export type PaceStore = {
  read(signal: AbortSignal): Promise<{ turns: readonly Turn[]; tag: string | undefined }>;
  /** False if somebody else wrote first. */
  write(turns: readonly Turn[], over: string | undefined, signal: AbortSignal): Promise<boolean>;
};

/** One page of what the files bucket holds, by key. */
export type ListedPage = {
  /** VersionId of what each key of the page holds now; undefined where that is nothing. */
  current: ReadonlyMap<string, string | undefined>;
  /** The last key of the page. */
  last: string | undefined;
  /** Undefined: there is no more. */
  next: { keyMarker: string; versionIdMarker?: string | undefined } | undefined;
};

export type Listing = {
  page(
    prefix: string,
    from: { keyMarker?: string | undefined; versionIdMarker?: string | undefined },
    signal: AbortSignal,
  ): Promise<ListedPage>;
};

export type FleetQueue = {
  /** @param delaySeconds nobody receives them before */
  send(messages: readonly FleetMessage[], delaySeconds: number, signal: AbortSignal): Promise<void>;
};
