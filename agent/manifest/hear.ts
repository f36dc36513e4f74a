import type { Unpacking } from "../../protocol/choose-way.ts";
import { variableName } from "../../protocol/manifest-variable.ts";
import type { Cost } from "../delivery/delivery.ts";
import { MAX_BROKEN_LINKS, type NoteStates } from "../delivery/note-states.ts";
import type { RetryPolicy } from "../delivery/retry-policy.ts";
import type { Emit } from "../events/delivery-event.ts";
import { type InstallFailed, onDisk } from "../install/install-failed.ts";
import type { FetchFailed } from "../link/fetch-failed.ts";
import { type AnnouncedManifest, type Link, LinkDown } from "../link/link.ts";
import type { KeptManifest, KeptManifests } from "../state/kept-manifests.ts";
import type { PartialFiles } from "../state/partial-files.ts";
import { fetchManifest, isPassing, ManifestRefused } from "./fetch-manifest.ts";
import { nextProgress } from "./progress.ts";

export type HearingFiles = { kept: KeptManifests; partials: PartialFiles };

export type HearingFailure = { sha256: string; reason: string; isFinal: boolean };

/** Fetches what fleets announce. */
export type Hearing = {
  /** Brings what is kept up to what is announced, as far as that can be had now. @throws {LinkDown} or the signal's reason. */
  hear(
    link: Link,
    announced: readonly AnnouncedManifest[],
    device: string,
    signal: AbortSignal,
  ): Promise<void>;
  /** Ids by which the states of announced manifests are remembered. */
  ids(): string[];
  /** Why the manifest that a variable announced last could not be had; `isFinal` if it is not tried again. */
  failureOf(variable: string): HearingFailure | undefined;
};

/** INVARIANT: what is kept of a fleet only grows in serial. [NF-11.10] */
export function createHearing(
  { kept, partials }: HearingFiles,
  notes: NoteStates,
  policy: RetryPolicy,
  { unpacking, stage }: { unpacking: Unpacking; stage: string | undefined },
  emit: Emit,
): Hearing {
  let wanted: string[] = [];
  const failures = new Map<string, HearingFailure>();
  let swept: string | undefined;

  /**
   * Forgets what is not under way: a run that was killed may have left the download of a manifest that it kept, and jobs may tell of one target
   * after the other without an end.
   */
  async function sweep(announced: readonly AnnouncedManifest[], begun: readonly string[]): Promise<void> {
    // A Notecard that has just started has no variables yet.
    if (announced.length === 0 && swept !== undefined) return;
    for (const variable of failures.keys())
      if (!announced.some((each) => each.variable === variable)) failures.delete(variable);
    if (swept !== JSON.stringify(begun)) await partials.keepOnly(begun).catch(() => undefined);
    swept = JSON.stringify(begun);
  }

  function keptOf(variable: string): KeptManifest | undefined {
    return [...kept.all().values()].find(({ manifest }) => variableName(manifest.fleet, stage) === variable);
  }

  async function fetchOne(
    link: Link,
    announced: AnnouncedManifest,
    device: string,
    signal: AbortSignal,
  ): Promise<void> {
    const note = notes.of(idOf(announced));
    const before = keptOf(announced.variable);
    const base = before && {
      ...before,
      read: () => kept.text(before.manifest.fleet),
    };
    const cost: Cost = { bytes: 0, requests: 0 };
    const watched: Emit = (event) => {
      if (event.event === "chunk") note.brokenLinks = 0;
      emit(event);
    };
    const fetching = { note, link, policy, emit: watched, signal };
    const fetched = await fetchManifest(announced, base, fetching, { partials, unpacking, stage }, cost);
    const { text, manifest, patches, way } = fetched;
    const progress = nextProgress(
      before?.progress,
      { manifest, patches },
      device,
      announced.notice.sha256,
      cost,
    );
    await onDisk(kept.keep(text, manifest, progress));
    failures.delete(announced.variable);
    await partials.remove(announced.variable).catch(() => undefined);
    const { fleet, serial, files } = manifest;
    emit({ event: "manifest", fleet, serial, files: files.length, way, ...cost });
  }

  function failed(announced: AnnouncedManifest, reason: string, detail: string): void {
    const id = idOf(announced);
    failures.set(announced.variable, { sha256: announced.notice.sha256, reason, isFinal: false });
    const isFirst = notes.of(id).failures === 0;
    const retrySeconds = notes.beginRest(id) / 1000;
    // Told once: it is tried again for as long as it is announced.
    if (isFirst)
      emit({ event: "manifest-failed", variable: announced.variable, reason, detail, retrySeconds });
  }

  /** Until another is announced. */
  async function refuse(announced: AnnouncedManifest, reason: string, detail: string): Promise<void> {
    const { variable } = announced;
    notes.of(idOf(announced)).settled = true;
    failures.set(variable, { sha256: announced.notice.sha256, reason, isFinal: true });
    await partials.remove(variable).catch(() => undefined);
    emit({ event: "manifest-failed", variable, reason, detail });
  }

  async function tryOne(
    link: Link,
    announced: AnnouncedManifest,
    device: string,
    signal: AbortSignal,
  ): Promise<void> {
    const note = notes.of(idOf(announced));
    try {
      await fetchOne(link, announced, device, signal);
    } catch (error) {
      if (error instanceof ManifestRefused) {
        await refuse(announced, "unreadable", error.message);
      } else if (isPassing(error) && isWrong(error) && note.spoilt) {
        // Once it may have been the line; whole again and again, an hour apart for ever, would cost more than all files.
        await refuse(announced, error.reason, error.message);
      } else if (isPassing(error)) {
        note.spoilt ||= isWrong(error);
        failed(announced, error.reason, error.message);
      } else if (error instanceof LinkDown) {
        // A request that breaks the link every time must not be made for ever.
        note.brokenLinks += 1;
        if (note.brokenLinks < MAX_BROKEN_LINKS) throw error;
        note.brokenLinks = 0;
        failed(announced, "link", error.message);
        throw error;
      } else throw error;
    }
  }

  return {
    async hear(link, announced, device, signal) {
      const newer = announced.filter(({ variable, notice }) => {
        const before = keptOf(variable);
        return before === undefined || notice.serial > before.manifest.serial;
      });
      wanted = newer.map(idOf);
      await sweep(
        announced,
        newer.map(({ variable }) => variable),
      );
      for (const each of newer) {
        const id = idOf(each);
        if (!notes.of(id).settled && !notes.isResting(id)) await tryOne(link, each, device, signal);
      }
    },
    ids: () => wanted,
    failureOf: (variable) => failures.get(variable),
  };
}

/** What came is not what was announced: the one of the two is wrong. */
function isWrong({ reason }: FetchFailed | InstallFailed): boolean {
  return reason === "wrong-hash" || reason === "wrong-size";
}

/** Another where anything is said of a manifest that it is judged by: what was said wrong may be put right. */
function idOf({ variable, notice: { serial, sha256, size } }: AnnouncedManifest): string {
  return `variable:${variable} ${serial} ${sha256} ${size}`;
}
