import { createHash } from "node:crypto";
import { variableName } from "../../protocol/manifest-variable.ts";
import { pathOrKey } from "../../protocol/target.ts";
import type { Conclusion } from "../delivery/conclude.ts";
import type { DeviceFiles } from "../delivery/delivery.ts";
import type { Fleets } from "../delivery/fleets.ts";
import type { NoteStates } from "../delivery/note-states.ts";
import type { Outbox } from "../delivery/outbox.ts";
import type { AskingNote } from "../delivery/plan.ts";
import type { Emit } from "../events/delivery-event.ts";
import type { AnnouncedManifest, Link } from "../link/link.ts";
import type { KeptManifests, ManifestProgress } from "../state/kept-manifests.ts";
import { askingId, askingNote, isOfManifest } from "./asking-notes.ts";
import { type AskedFile, decide, type FleetManifest } from "./decide.ts";
import { examine, type Looked } from "./examine.ts";
import type { Hearing } from "./hear.ts";
import { overtakenNotes } from "./overtaken.ts";
import { ownKeys } from "./own-keys.ts";
import { patchesOf, progressOf } from "./progress.ts";
import { leavingFiles } from "./prune.ts";
import { voidVerdicts } from "./void-verdicts.ts";
import { whatToSay } from "./what-to-say.ts";

/** INVARIANT: what is found out of a version is forgotten when something else was put in its place. */
export function createFleets(
  files: DeviceFiles,
  kept: KeptManifests,
  hearing: Hearing,
  notes: NoteStates,
  outbox: Outbox,
  stage: string | undefined,
  emit: Emit,
): Fleets {
  const { installer, installed, latest, failed } = files;
  const looked = new Map<string, Looked>();
  let asked: AskedFile[] = [];
  let device: { link: Link; uid: string } | undefined;
  const said = new Map<string, string>();

  async function deviceOf(link: Link): Promise<string> {
    if (device?.link !== link) device = { link, uid: await link.device() };
    return device.uid;
  }

  const progress = (fleet: string): ManifestProgress => {
    const its = kept.all().get(fleet);
    if (its === undefined) throw new TypeError("there is no such manifest");
    return progressOf(its.progress, its.sha256, device?.uid ?? its.progress?.device ?? "");
  };

  const serialOf = (fleet: string): number => kept.all().get(fleet)?.manifest.serial ?? 0;

  /** What the disk does not take is found out again by the next run. */
  async function change(fleet: string, changes: Partial<ManifestProgress>): Promise<void> {
    await kept.write(fleet, { ...progress(fleet), ...changes }).catch(() => undefined);
  }

  /** Names of the variables that are there. */
  let variables: ReadonlySet<string> = new Set();

  const manifests = (): FleetManifest[] =>
    [...kept.all().values()].map(({ manifest, progress: its }) => ({
      ...{ manifest, left: its?.left === true },
      withdrawn: !variables.has(variableName(manifest.fleet, stage)),
    }));

  /** A variable that is missing while there are others tells that the device has left the fleet; none at all tells nothing. */
  async function noteLeft(announced: readonly AnnouncedManifest[]): Promise<void> {
    variables = new Set(announced.map(({ variable }) => variable));
    if (announced.length === 0) return;
    for (const { manifest, left, withdrawn } of manifests())
      if (left !== withdrawn) await change(manifest.fleet, { left: withdrawn ? true : undefined });
  }

  async function look(link: Link, queue: readonly AskingNote[], signal: AbortSignal) {
    const announced = await link.manifests();
    if (announced.length === 0 && kept.all().size === 0) return { asking: [], overtaken: [] };
    const uid = await deviceOf(link);
    await hearing.hear(link, announced, uid, signal);
    await noteLeft(announced);
    const hasOwnKey = ownKeys(uid, queue, latest.get, installed.all());
    const isAsked = (path: string) =>
      hasOwnKey(path) || queue.some(({ announcement }) => pathOf(announcement) === path);
    asked = [
      ...decide(manifests(), uid, {
        ...{ hasOwnKey, latestOf: latest.get },
        installedAt: (path) => installed.all().get(path),
      }),
      ...leavingFiles(manifests(), installed.all(), isAsked),
    ];
    const counting = asked.filter(({ authority }) => authority === "manifest");
    await forgetVerdicts(counting);
    const ids = new Set(counting.map(askingId));
    for (const id of looked.keys()) if (!ids.has(id)) looked.delete(id);
    const theirs = asked.filter(({ authority }) => authority === "manifest" || authority === "newer");
    const unseen = counting.filter((file) => !looked.has(askingId(file)));
    if (unseen.length > 0)
      for (const [id, its] of await examine(unseen, knownOf, files, signal)) looked.set(id, its);
    await forgetExceptions(unseen);
    const waiting = counting.filter((file) => looked.get(askingId(file))?.is === "waiting");
    for (const file of waiting) notes.of(askingId(file)).settled = false; // whatever came of it before, it is not there
    return {
      asking: waiting.map((file) =>
        askingNote(
          file,
          serialOf(file.fleet),
          patchesOf(progress(file.fleet), file.path),
          latest.get(file.key)?.seq,
        ),
      ),
      overtaken: overtakenNotes(queue, new Map(theirs.map((file) => [file.path, file])), {
        hasOwnKey,
        latestOf: latest.get,
      }),
    };
  }

  /** What failed together with a file that is not asked for any more may run without that. [NF-9.12] */
  async function forgetVerdicts(counting: readonly AskedFile[]): Promise<void> {
    const places = voidVerdicts(counting, failed.all());
    if (places.length === 0) return;
    const isVoid = (path: string) => places.includes(path);
    // First what was concluded from them, which nothing else would find wrong.
    for (const fleet of kept.all().keys()) {
      const { exceptions } = progress(fleet);
      const left = exceptions.filter(({ path }) => !isVoid(path));
      if (left.length < exceptions.length) await change(fleet, { exceptions: left });
    }
    for (const [id, { place }] of looked) if (isVoid(place)) looked.delete(id);
    await failed.delete(...places).catch(() => undefined);
  }

  function knownOf({ fleet, path, wanted }: AskedFile) {
    const found = progress(fleet).exceptions.find(
      (each) => each.path === path && each.sha256 === wanted.sha256 && each.version === wanted.version,
    );
    return found && ({ is: "exception", state: found.state, reason: found.reason } as const);
  }

  /** What is in its place is none any more, whoever has put it there. */
  async function forgetExceptions(seen: readonly AskedFile[]): Promise<void> {
    for (const [fleet, its] of Map.groupBy(seen, (file) => file.fleet)) {
      const there = new Set(
        its.filter((file) => looked.get(askingId(file))?.is === "in-place").map(({ path }) => path),
      );
      const { exceptions } = progress(fleet);
      const left = exceptions.filter(({ path }) => !there.has(path));
      if (left.length < exceptions.length) await change(fleet, { exceptions: left });
    }
  }

  async function conclude(file: AskedFile, { receipt, tryLater }: Conclusion): Promise<void> {
    const { fleet, path, wanted } = file;
    const its = looked.get(askingId(file));
    const { state = "failed", reason = "", bytes = 0, requests = 0 } = receipt ?? {};
    const place = its?.place ?? path;
    const before = progress(fleet);
    const cost = { bytes: before.bytes + bytes, requests: before.requests + requests };
    if (tryLater) {
      looked.set(askingId(file), { is: "waiting", reason, place });
      return change(fleet, cost);
    }
    const isThere = state === "installed" || state === "unchanged" || state === "removed";
    looked.set(
      askingId(file),
      isThere ? { is: "in-place", place } : { is: "exception", state, reason, place },
    );
    const { sha256, version } = wanted;
    const others = before.exceptions.filter((each) => each.path !== path);
    return change(fleet, {
      ...cost,
      installed: before.installed + (state === "installed" ? 1 : 0),
      removed: before.removed + (state === "removed" ? 1 : 0),
      exceptions: isThere ? others : [...others, { path, sha256, version, state, reason }],
      patches: isThere ? before.patches.filter((patch) => patch.path !== path) : before.patches,
    });
  }

  async function tellOf(fleet: string, serial: number): Promise<void> {
    const its = asked.filter((file) => file.fleet === fleet);
    const states = its.map((file) => ({
      file,
      state: looked.get(askingId(file)) ?? ({ is: "waiting", reason: "" } as const),
    }));
    const seen = createHash("sha256").update(`${serial}`);
    for (const { file, state } of states)
      seen.update(`\n${askingId(file)} ${file.authority} ${JSON.stringify(state)}`);
    const seenNow = seen.digest("base64url");
    if (said.get(fleet) === seenNow) return;
    const inPlace = new Map(
      states.flatMap(({ file, state }) =>
        file.authority === "manifest" && state.is === "in-place" ? [[file.path, file.wanted.sha256]] : [],
      ),
    );
    const there: { path: string; sha256: string }[] = [];
    for (const { path } of kept.all().get(fleet)?.manifest.files ?? []) {
      const sha256 = inPlace.get(path) ?? (await digestAt(path));
      if (sha256 !== undefined) there.push({ path, sha256 });
    }
    const { receipt, isWhole } = whatToSay({ fleet, serial }, states, there, progress(fleet));
    said.set(fleet, seenNow);
    const told = outbox.toldOf(fleet);
    const now = { serial, isWhole, said: JSON.stringify([receipt.digest, receipt.not, receipt.exceptions]) };
    // Once when all was tried, and once more when nothing waits any longer: what waits for hours is no news each time.
    if (told?.serial === serial && (!isWhole || told.said === now.said)) return;
    outbox.addManifest(receipt, now);
    const { installed: count, unchanged, removed, exceptions = receipt.not?.length ?? 0 } = receipt;
    emit({ event: "brought", fleet, serial, installed: count, unchanged, removed, exceptions });
  }

  async function digestAt(path: string): Promise<string | undefined> {
    return installer.digest(await installer.realPath(path)).catch(() => undefined);
  }

  return {
    look,
    ids: () => [...hearing.ids(), ...looked.keys()],
    async concluded(id, conclusion, path) {
      const file = isOfManifest(id) ? asked.find((each) => askingId(each) === id) : undefined;
      if (file !== undefined) {
        const hadFailed = notes.of(id).failures > 0;
        await conclude(file, conclusion);
        const state = conclusion.receipt?.state;
        const isThere = state === "installed" || state === "unchanged" || state === "removed";
        return (isThere && !hadFailed) || (file.isHeldBack && state === "discarded");
      }
      // Something else was put there: what is known of that place holds no more.
      if (path !== undefined) for (const [key, { place }] of looked) if (place === path) looked.delete(key);
      return false;
    },
    async tell() {
      for (const [fleet, { manifest }] of kept.all()) await tellOf(fleet, manifest.serial);
    },
  };
}

function pathOf(announcement: AskingNote["announcement"]): string | undefined {
  return announcement === undefined ? undefined : pathOrKey(announcement.name);
}
