import type { DeliveryState } from "../../protocol/delivery-state.ts";
import type { Stage } from "../cloud/fleets/fleet-stage.ts";

export type { Stage };

/** What the server tells the page, and nothing else of it: the page takes types from here alone. Times are in milliseconds since the epoch. */

/** `mayPass`: it is being tried again. */
export type Problem = { problem: string; mayPass?: boolean };

/** One line of a live answer: what is to be shown now, or why that is not known. */
export type LiveLine<T> = { view: T } | Problem;

/** The last three are of files of fleets, where a device said so of its manifest. */
export type ShownState = DeliveryState | "differs" | "held-back" | "overruled" | "waiting" | "left";

/** One file of one device. `wanted` and `has` are how the SHA-256 begins of what it was told of last, and of what it has. */
export type FileLine = {
  device: string;
  path: string;
  key?: string | undefined;
  state: ShownState;
  reason?: string | undefined;
  at: number;
  wanted?: string | undefined;
  has?: string | undefined;
  /** Number of the version that it was told of last, or has, where that is known. */
  wantedN?: number | undefined;
  hasN?: number | undefined;
  /** How the last content travelled, bytes and requests that took. */
  way?: string | undefined;
  bytes?: number | undefined;
  requests?: number | undefined;
};

/** A device of a list: the files that somebody should look at first, and how many there are in which state. */
export type DeviceGroup = {
  device: string;
  states: [ShownState, number][];
  lines: FileLine[];
};

export type DevicesView = { devices: DeviceGroup[]; next?: string; total?: { count: number; more: boolean } };
export type AttentionView = { lines: FileLine[]; next?: string };

export type DeviceEvent = {
  at: number;
  state: string;
  /** Path of the file; of an inventory how many files it has. */
  what: string;
  key?: string | undefined;
  /** Of a receipt for a manifest. */
  fleet?: string | undefined;
  reason: string;
  way?: string | undefined;
  bytes?: number | undefined;
  requests?: number | undefined;
};

export type DeviceView = {
  device: string;
  known: boolean;
  files: FileLine[];
  events: DeviceEvent[];
  /** What its reports say that files cost on the link; `more`: only of the newest. */
  link: { bytes: number; requests: number; reports: number; more: boolean };
  /** How far it is with what its fleets were told. */
  fleets: { fleet: string; device: FleetDeviceLine }[];
  /** Where it has too many files to list them, and others than are known. */
  differs?: { count: number; known: number; at: number } | undefined;
};

export type VersionLine = {
  versionId: string;
  n?: number | undefined;
  current: boolean;
  at: number;
  /** Absent for a deletion. */
  bytes?: number | undefined;
  /** Devices that have it; absent where that is not known, or, without `isCounted`, not yet. */
  devices?: number | undefined;
  isCounted?: boolean | undefined;
};

export type FileView = {
  key: string;
  /** Who gets it; `problem` says why nobody does. */
  target?: string | undefined;
  problem?: string | undefined;
  versions: VersionLine[];
  /** Devices with a content of none of these versions; devices of a fleet of which nobody knows what they have. */
  others: number;
  unknown: number;
  /** Whether devices were told of the newest version, or that they could not be: until then all else is about the one before. */
  isAnnounced: boolean;
  /** For what part of its fleet the newest version is, where parts are; `percent` is absent until the notifier has looked at it. */
  share?: { fleet: string; versionId: string; percent?: number | undefined } | undefined;
  states: [ShownState, number][];
  silent?: { devices: number; since: number } | undefined;
  lines: FileLine[];
  /** Who is not among the lines, and what is not known. */
  notes: string[];
  next?: string;
};

/** What keeps the newest of a fleet from being announced. */
export type FleetWaiting = {
  since?: number | undefined;
  held?: { until: number; by?: string | undefined } | undefined;
  isUncertain: boolean;
};

/** What is known of a fleet that is told by a manifest. */
export type FleetLine = {
  fleet: string;
  serial?: number | undefined;
  announced?: number | undefined;
  files: number;
  waiting?: FleetWaiting | undefined;
  shares: { key: string; percent: number }[];
  stages: [Stage, number][];
};

export type FleetsView = { areTold: boolean; fleets: FleetLine[]; next?: string };

export type FleetDeviceLine = {
  device: string;
  stage: Stage;
  serial?: number | undefined;
  since?: number | undefined;
  reason: string;
};

export type FleetView = {
  /** Absent for a fleet that never had a file, or is told by Notes. */
  line?: FleetLine;
  devices: FleetDeviceLine[];
  /** Files that could not be announced to it. */
  withheld: FileLine[];
  notes: string[];
  next?: string;
};

export type FolderView = {
  prefix: string;
  folders: string[];
  files: {
    key: string;
    bytes: number;
    at: number;
    target?: string | undefined;
    problem?: string | undefined;
  }[];
  next?: string;
};

export type DeadLettersView = {
  /** About how many there are. */
  waiting: number;
  letters: { keys: string[]; device?: string | undefined; reason?: string | undefined }[];
};

/** What the whole console is about. */
export type Start = {
  deployment: string;
  local: boolean;
  defaultTarget?: string | undefined;
  deadLetters: number;
};

export type Targets = { defaultTarget?: string | undefined; fleets: string[]; devices: string[] };

export type PlanRequest = {
  /** UID of a device or a fleet; empty for the default target. */
  to: string;
  /** Folder on the device; empty for none. */
  folder: string;
  files: { path: string; bytes: number; sha256?: string | undefined }[];
};

export type PlannedUpload = {
  path: string;
  key: string;
  bytes: number;
  /** Of what the key holds now. */
  replaces?: { at: number; bytes: number } | undefined;
  /** Bytes of the very content as it is packed already. */
  packed?: number | undefined;
  /** How the last version reached a device. */
  before?: { way: string; bytes: number } | undefined;
};

export type UploadPlan = {
  uploads: PlannedUpload[];
  left: { path: string; why: string }[];
  refused: { path: string; why: string }[];
  target?: string | undefined;
  /** Why nobody gets it. */
  problem?: string | undefined;
  /** How many devices get it, where that is known; `why` says why it is not. */
  devices?: number | undefined;
  why?: string | undefined;
  /** Whether a part of the target may get it. */
  hasShares: boolean;
};

/** What shares of a file's newest version mean. */
export type SharePlan = {
  key: string;
  fleet: string;
  versionId: string;
  n?: number | undefined;
  bytes: number;
  packed?: number | undefined;
  /** What it is now. */
  percent: number;
  /** How many of the fleet's devices are in now, and at each whole percent from 0 to 100; `why` says why that is not known. */
  devices?: { in: number; at: number[] } | undefined;
  why?: string | undefined;
  /** Whether those outside have a version to go by. */
  hasBefore: boolean;
};

export type RollbackPlan = {
  key: string;
  versionId: string;
  n?: number | undefined;
  at: number;
  bytes: number;
  packed?: number | undefined;
  devices?: number | undefined;
};

/** A line of what becomes of dead letters. */
export type RedriveLine =
  | { says: string }
  | { done: { left: number; stillTried: number; cameBack: number } }
  | Problem;
