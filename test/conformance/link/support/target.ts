import type { Link, Links } from "../../../../agent/link/link.ts";
import type { Announcement } from "../../../../protocol/announcement.ts";
import type { ManifestNotice } from "../../../../protocol/manifest-variable.ts";
import type { BreakableLine } from "./breakable-line.ts";
import type { FileServer } from "./file-server.ts";
import { IOT_KINDS } from "./iot-target.ts";
import { NOTECARD_KINDS } from "./notecard-target.ts";

/** A kind of link with all that it takes: a device, a cloud and a file-server, each its own for every test. */
export type Target = {
  links: Links;
  /** What the cloud calls the device. */
  device: string;
  server: FileServer;
  /** What the device's host is connected by, and where that breaks. */
  line: Omit<BreakableLine, "port">;
  /** Has anything announced to a device that is connected. Returns once a list would show it. */
  announce(body: object): Promise<void>;
  /** Announces the `count`th thing, in whatever way. Returns once a device that is connected would know. */
  news(count: number): Promise<void>;
  /** How many of these a link has heard of. */
  heard(link: Link): Promise<number>;
  /** Has a fleet, or what stands for one, announce a manifest. Returns once a device that is connected would know. */
  tellManifest(notice: ManifestNotice): Promise<void>;
  /** The name by which that is announced. */
  variable: string;
  /** Has the fleet of the device say something by a variable. Returns once a device that is connected would know. */
  setVariable(name: string, value: string): Promise<void>;
  /** Puts a version on the server, and announces it. */
  publish(key: string, bytes: Buffer): Promise<Announcement>;
  /** What has reached the cloud, oldest first, once the device has sent what it can. */
  receipts(): Promise<unknown[]>;
  /** Absent where the line is all there is between the host and the cloud. */
  radio: Radio | undefined;
};

/** The device's own way to the cloud, behind the line to the host. */
export type Radio = {
  /** No network until `on`. */
  off(): void;
  on(): void;
  connected(): Promise<boolean>;
};

export type StartOptions = {
  /** The deployment whose fleets the link hears. */
  stage?: string;
  /** The device is connected only while a link raises it. It needs a radio. */
  sleepy?: boolean;
  /** Milliseconds that a connection may take. */
  connectMs?: number;
  /** Milliseconds between two looks, where the link has to look for what it waits for. */
  pollMs?: number;
};

export type TargetKind = {
  name: string;
  hasRadio: boolean;
  /** Versions are announced by Notes, and fleets have variables. */
  hasNotes: boolean;
  /** The text of an error does not come along where bytes are asked for by range. */
  hidesTexts: boolean;
  /** Starts one that ends with the test. */
  start(options?: StartOptions): Promise<Target>;
};

/** Every kind of link, by each way in which it can fetch. Another kind is added here, and has to pass. */
const KINDS: readonly (readonly [TargetKind, ...TargetKind[]])[] = [NOTECARD_KINDS, IOT_KINDS];

/** Every kind of link once: for what does not depend on how it fetches. */
export const TARGETS = KINDS.map(([first]) => first);

export const TARGETS_BY_WAY = KINDS.flat();
