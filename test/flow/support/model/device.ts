import { readFile } from "node:fs/promises";
import path from "node:path";
import { createBell } from "../../../../agent/delivery/bell.ts";
import { createCourier } from "../../../../agent/delivery/courier.ts";
import { NO_FLEETS } from "../../../../agent/delivery/fleets.ts";
import { createNoteStates } from "../../../../agent/delivery/note-states.ts";
import { createOutbox } from "../../../../agent/delivery/outbox.ts";
import { NO_REQUESTS } from "../../../../agent/delivery/requested.ts";
import { InstallFailed } from "../../../../agent/install/install-failed.ts";
import { createInstaller, type Installer } from "../../../../agent/install/installer.ts";
import { FetchFailed } from "../../../../agent/link/fetch-failed.ts";
import { type Link, LinkDown, type PackedContent } from "../../../../agent/link/link.ts";
import { openInstalledFiles } from "../../../../agent/state/installed-files.ts";
import { openLatestVersions } from "../../../../agent/state/latest-versions.ts";
import { openPartialFiles } from "../../../../agent/state/partial-files.ts";
import { openUnsentReports } from "../../../../agent/state/unsent-reports.ts";
import { openWaitingUnits } from "../../../../agent/state/waiting-units.ts";
import { openFailedVersions } from "../../../../agent/trial/failed-versions.ts";
import { openKeptPrograms } from "../../../../agent/trial/kept-programs.ts";
import { openPreviousFiles } from "../../../../agent/trial/previous-files.ts";
import { createProcessNotes } from "../../../../agent/trial/process-notes.ts";
import { createPrograms } from "../../../../agent/trial/programs.ts";
import { createPlacing } from "../../../../agent/trial/put-in-place.ts";
import { openTrials } from "../../../../agent/trial/trials.ts";
import { packedKey } from "../../../../protocol/packed.ts";
import type { Random } from "../../../support/seeded-random.ts";
import type { ModelBucket } from "./bucket.ts";
import type { ModelNotehub } from "./notehub.ts";
import type { ModelPacking } from "./packing.ts";
import type { Turns } from "./turns.ts";

export type ModelDevice = {
  /** One run of the agent, from its start until the signal aborts or it dies; what it knows is on disk. */
  run(signal: AbortSignal): Promise<void>;
  content(filePath: string): Promise<Buffer | undefined>;
  /** Times that the agent had nothing to do. */
  idle(): number;
};

const POLICY = {
  attempts: 2,
  firstPauseMs: 0,
  longestPauseMs: 0,
  firstRestMs: 20,
  longestRestMs: 100,
  quietMs: 0,
};

/** No file of a model has any, and a `cp` for each would cost as much as all else. */
const NO_ATTRIBUTES = async () => undefined;

const UNPACKING = { zstdMaxBytes: 10_000, patchMaxBytes: 10_000 };

/** The real agent but for its link, on a disk of its own. */
export function createModelDevice(
  folder: string,
  world: {
    turns: Turns;
    bucket: ModelBucket;
    packing: Pick<ModelPacking, "contents">;
    notehub: ModelNotehub;
    random: Random;
  },
  { faulty, room }: { faulty(): boolean; room(): number },
): ModelDevice {
  const { turns, random } = world;
  const [root, state] = [path.join(folder, "root"), path.join(folder, "state")];
  let idle = 0;

  return {
    async run(signal) {
      const installer = withRoom(await createInstaller(root, NO_ATTRIBUTES), room);
      const partials = await openPartialFiles(path.join(state, "partial"));
      const installed = await openInstalledFiles(path.join(state, "installed.json"));
      const failed = await openFailedVersions(path.join(state, "failed.json"));
      const latest = await openLatestVersions(path.join(state, "latest.json"));
      const previous = await openPreviousFiles(path.join(state, "previous"));
      const trials = await openTrials(path.join(state, "trials"));
      const kept = await openKeptPrograms(path.join(state, "programs.json"));
      const programs = createPrograms(root, kept, createProcessNotes(path.join(state, "processes.json")));
      const trialFiles = { installer, installed, failed, previous, trials };
      const placing = createPlacing(trialFiles, { programs, rules: [] }, () => undefined);
      const waiting = await openWaitingUnits(path.join(state, "units.json"));
      const files = { installer, partials, installed, failed, placing, latest, waiting };
      // Rests are counted in turns, so that a seed always does the same.
      const notes = createNoteStates(POLICY, turns.taken, random.next);
      const unsent = openUnsentReports(path.join(state, "unsent.json"));
      const outbox = createOutbox(unsent, await unsent.read(), { now: () => turns.taken() * 1_000 });
      const errands = {
        outbox,
        bell: createBell(),
        requested: NO_REQUESTS,
        fleets: NO_FLEETS,
        catchUp: failed.catchUp,
      };
      const courier = createCourier(files, notes, POLICY, UNPACKING, () => undefined, errands);
      const link = createModelLink(world, faulty, () => {
        idle += 1;
      });
      while (!signal.aborted) {
        try {
          await courier.work(link, signal);
        } catch (error) {
          if (!(error instanceof LinkDown)) throw error; // as the power cut
        }
      }
    },
    content: (filePath) => readFile(path.join(root, filePath)).catch(() => undefined),
    idle: () => idle,
  };
}

/** A disk with so many bytes of room. */
function withRoom(installer: Installer, room: () => number): Installer {
  return {
    ...installer,
    async check(filePath, size, claims) {
      if (size > room()) throw new InstallFailed("disk-full", "no room");
      await installer.check(filePath, size, claims);
    },
  };
}

function createModelLink(
  { turns, bucket, packing, notehub, random }: Parameters<typeof createModelDevice>[1],
  faulty: () => boolean,
  waits: () => void,
): Link {
  async function turn(): Promise<void> {
    await turns.turn("agent");
    if (faulty() && random.chance(0.05)) throw new LinkDown("the line broke");
  }
  function fetchPacked({ packed, size }: PackedContent, offset: number): Buffer {
    const bytes = packing.contents.get(packedKey(packed));
    if (bytes === undefined) throw new FetchFailed("file-not-found", "it is gone");
    if (bytes.length !== size) throw new FetchFailed("wrong-size", "it is another");
    return bytes.subarray(offset, offset + 1 + random.below(8));
  }

  const link: Link = {
    hearsAllManifests: true,
    async list() {
      await turn();
      return [...notehub.queue];
    },
    manifests: async () => [],
    async wait() {
      waits();
      await turn();
    },
    async fetch(what, offset) {
      await turn();
      if (faulty() && random.chance(0.2)) throw new FetchFailed("offline", "no signal");
      if ("packed" in what) return fetchPacked(what, offset);
      const { key, etag } = what;
      const current = bucket.current(key);
      if (current === undefined) throw new FetchFailed("file-not-found", "the server has no such file");
      if (current.etag !== etag) throw new FetchFailed("file-changed", "another version is current");
      if (offset >= current.bytes.length) throw new FetchFailed("wrong-size", "there is no such byte");
      return current.bytes.subarray(offset, offset + 1 + random.below(4));
    },
    chunkBytes: () => 4,
    async discard(settled) {
      const deleted: string[] = [];
      for (let oldest = notehub.queue[0]; oldest !== undefined; oldest = notehub.queue[0]) {
        if (!settled.has(oldest.id)) break;
        await turn();
        notehub.queue.shift();
        deleted.push(oldest.id);
        await turn(); // the reply may be lost
      }
      return deleted;
    },
    report: async () => true,
    now: async () => 1_700_000_000 + turns.taken(),
    device: async () => "dev:1",
    raise: async () => undefined,
    lower: async () => undefined,
    close: async () => undefined,
  };
  return link;
}
