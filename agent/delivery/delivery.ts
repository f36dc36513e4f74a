import type { PayloadPatch, Unpacking } from "../../protocol/choose-way.ts";
import type { Emit } from "../events/delivery-event.ts";
import type { SpaceClaim } from "../install/disk-space.ts";
import type { Installer } from "../install/installer.ts";
import type { AskedVersion, Link } from "../link/link.ts";
import type { InstalledFiles } from "../state/installed-files.ts";
import type { LatestVersions } from "../state/latest-versions.ts";
import type { PartialFiles } from "../state/partial-files.ts";
import type { WaitingUnits } from "../state/waiting-units.ts";
import type { FailedVersions } from "../trial/failed-versions.ts";
import type { Placing } from "../trial/put-in-place.ts";
import type { NoteState } from "./note-states.ts";
import type { RetryPolicy } from "./retry-policy.ts";

/** What is on the device: files in their places, downloads under way, and what is known of both. */
export type DeviceFiles = {
  installer: Installer;
  placing: Placing;
  partials: PartialFiles;
  installed: InstalledFiles;
  failed: FailedVersions;
  latest: LatestVersions;
  waiting: WaitingUnits;
};

/** One version on its way to its path, and all that takes. */
export type Delivery = {
  announcement: AskedVersion;
  path: string;
  /** Patches that came with announcements of this name. */
  payloads: readonly PayloadPatch[];
  note: Pick<NoteState, "unwritten" | "doubts">;
  files: Pick<DeviceFiles, "installer" | "placing" | "partials" | "latest">;
  /** Room on disks that is needed besides, such as for other files of its unit. */
  besides(): Promise<SpaceClaim[]>;
  /**
   * Takes the content once all of it has come: puts it in its place, or verifies it alone and has its download kept.
   *
   * @throws {InstallFailed}
   */
  use(content: () => AsyncIterable<Buffer>): Promise<"placed" | "kept">;
  link: Link;
  unpacking: Unpacking;
  policy: RetryPolicy;
  emit: Emit;
  signal: AbortSignal;
};

/** What a delivery has cost so far. */
export type Cost = { bytes: number; requests: number };
