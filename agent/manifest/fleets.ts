import { variableName } from "../../protocol/manifest-variable.ts";
import { pathOrKey } from "../../protocol/target.ts";
import type { DeviceFiles } from "../delivery/delivery.ts";
import type { Fleets } from "../delivery/fleets.ts";
import type { NoteStates } from "../delivery/note-states.ts";
import type { Outbox } from "../delivery/outbox.ts";
import type { AskingNote } from "../delivery/plan.ts";
import type { Emit } from "../events/delivery-event.ts";
import type { AnnouncedManifest, Link } from "../link/link.ts";
import type { KeptManifests, ManifestProgress } from "../state/kept-manifests.ts";
import { afterDelivery, isToldAnyway } from "./after-delivery.ts";
import { askingId, askingNote } from "./asking-notes.ts";
import { type AskedFile, decide, type FleetManifest } from "./decide.ts";
import { doublesOf, stateOfDouble } from "./doubles.ts";
import { examine, type Looked } from "./examine.ts";
import { createFleetProgress, pathsOfFailures } from "./fleet-progress.ts";
import { forgetOld } from "./forget-old.ts";
import type { Hearing } from "./hear.ts";
import { overtakenNotes } from "./overtaken.ts";
import { ownKeys, ownPlaces } from "./own-keys.ts";
import { patchesOf } from "./progress.ts";
import { leavingFiles } from "./prune.ts";
import { createTelling } from "./telling.ts";
import { askedAmong, voidVerdicts } from "./void-verdicts.ts";
import type { FileState } from "./what-to-say.ts";

/** Files that are offered at a time, of those that are units by themselves: each of them is planned with each delivery. */
const MAX_OFFERED = 8;

const pathOf = (announced: AskingNote["announcement"]) => announced && pathOrKey(announced.name);

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
  const { installer, installed, latest, placing, failed } = files;
  const looked = new Map<string, Looked>();
  let asked: AskedFile[] = [];
  /** Those of them where the manifest counts or a Note of the same key does, by path, and what is still to be delivered for it, by id. */
  let theirs: ReadonlyMap<string, AskedFile> = new Map();
  let waiting = new Map<string, AskedFile>();
  let asksFor: Fleets["asksFor"] = () => false;
  /** What goes, by symbolic links, where something else goes. */
  let doubles: ReadonlySet<string> = new Set();
  /** Paths that lead, by symbolic links, to files of the device's own. */
  let linked: ReadonlySet<string> = new Set();
  /** What was decided on; undefined once that may have become another. */
  let decidedOn: string | undefined;
  let device: { link: Link; uid: string } | undefined;
  const tell = createTelling(installer, outbox, emit);
  const progress = createFleetProgress(kept, () => device?.uid);

  async function deviceOf(link: Link): Promise<string> {
    if (device?.link !== link) device = { link, uid: await link.device() };
    return device.uid;
  }

  const serialOf = (fleet: string): number => kept.all().get(fleet)?.manifest.serial ?? 0;

  /** Names of the variables that are there; undefined where the link cannot tell that one is not. */
  let variables: ReadonlySet<string> | undefined = new Set();

  const manifests = (): FleetManifest[] =>
    [...kept.all().values()].map(({ manifest, progress: its }) => ({
      ...{ manifest, left: its?.left === true },
      withdrawn: variables?.has(variableName(manifest.fleet, stage)) === false,
    }));

  /** A variable that is missing while there are others tells that the device has left the fleet; none at all tells nothing. */
  async function noteLeft(announced: readonly AnnouncedManifest[], isWhole: boolean): Promise<void> {
    variables = isWhole ? new Set(announced.map(({ variable }) => variable)) : undefined;
    if (announced.length === 0 || !isWhole) return;
    for (const { manifest, left, withdrawn } of manifests())
      if (left !== withdrawn) await progress.change(manifest.fleet, { left: withdrawn ? true : undefined });
  }

  async function look(link: Link, queue: readonly AskingNote[], signal: AbortSignal) {
    const announced = await link.manifests();
    if (announced.length === 0 && kept.all().size === 0) return { asking: [], overtaken: [] };
    const uid = await deviceOf(link);
    await hearing.hear(link, announced, uid, signal);
    await noteLeft(announced, link.hearsAllManifests);
    const standing = manifests().map(({ manifest: { fleet, serial }, ...its }) => ({
      fleet,
      serial,
      ...its,
    }));
    const basis = JSON.stringify([uid, queue.map(({ id }) => id), standing]);
    if (basis !== decidedOn) linked = await linkedToOwn(uid, queue);
    const byPath = ownKeys(uid, queue, latest.get, installed.all());
    const hasOwnKey = (path: string) => byPath(path) || linked.has(path);
    if (basis !== decidedOn) await decideAnew(uid, queue, hasOwnKey, signal);
    decidedOn = basis;
    const heard = { announced, hearsAll: link.hearsAllManifests };
    if (await forgetOld({ kept, outbox, stage }, uid, heard, waiting.values())) {
      asked = asked.filter(({ fleet }) => kept.all().has(fleet));
      decidedOn = undefined;
    }
    const offered = offer();
    for (const { id } of offered) notes.of(id).settled = false; // whatever came of it before, it is not there
    return {
      asking: offered,
      overtaken: overtakenNotes(queue, theirs, { hasOwnKey, latestOf: latest.get }),
    };
  }

  /** Where the paths of thousands of files really go is looked up only for a device that has files of its own. */
  async function linkedToOwn(uid: string, queue: readonly AskingNote[]): Promise<Set<string>> {
    const found = new Set<string>();
    const places = await ownPlaces(uid, queue, latest.all(), installed.all(), installer.realPath);
    if (places.size === 0) return found;
    const notes = queue.flatMap(({ announcement }) => pathOf(announcement) ?? []);
    const named = manifests().flatMap(({ manifest }) => manifest.files.map((file) => file.path));
    for (const path of [...notes, ...named]) if (places.has(await installer.realPath(path))) found.add(path);
    return found;
  }

  /** For thousands of files this takes a while, and memory: it is done only where something else is known than before. */
  async function decideAnew(
    uid: string,
    queue: readonly AskingNote[],
    hasOwnKey: (path: string) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const isAsked = (path: string) =>
      hasOwnKey(path) || queue.some(({ announcement }) => pathOf(announcement) === path);
    asked = [
      ...decide(manifests(), uid, {
        ...{ hasOwnKey, latestOf: latest.get },
        installedAt: (path) => installed.all().get(path),
      }),
      ...leavingFiles(manifests(), installed.all(), isAsked),
    ];
    const its = new Map(
      asked.filter(({ authority }) => authority === "manifest").map((file) => [askingId(file), file]),
    );
    // What a fleet that the device has left had brought stays, but nothing more of it is brought: others have to do without. [NF-11.10]
    const left = new Set(manifests().flatMap(({ manifest, left }) => (left ? manifest.fleet : [])));
    const counting = [...its].filter(([, { fleet }]) => !left.has(fleet));
    asksFor = askedAmong(counting.map(([, file]) => file));
    await forgetVerdicts(counting.map(([, file]) => file));
    for (const id of looked.keys()) if (!its.has(id) || doubles.has(id)) looked.delete(id);
    const unseen = [...its].filter(([id]) => !looked.has(id)).map(([, file]) => file);
    if (unseen.length > 0)
      for (const [id, found] of await examine(unseen, progress.known, files, signal)) looked.set(id, found);
    doubles = doublesOf(its.keys(), looked);
    for (const id of doubles) looked.set(id, stateOfDouble(its.get(id), looked.get(id)?.place));
    await forgetExceptions(unseen.filter((file) => looked.get(askingId(file))?.is === "in-place"));
    const counts = ({ authority, fleet }: AskedFile) =>
      (authority === "manifest" || authority === "newer") && !left.has(fleet);
    theirs = new Map(asked.filter(counts).map((file) => [file.path, file]));
    waiting = new Map(counting.filter(([id]) => looked.get(id)?.is === "waiting"));
  }

  /** What failed together with a file that is not asked for any more may run without that. [NF-9.12] */
  async function forgetVerdicts(counting: readonly AskedFile[]): Promise<void> {
    const places = voidVerdicts(counting, failed.all());
    if (places.length === 0) return;
    // First what was concluded from them, which nothing else would find wrong.
    const paths = pathsOfFailures(places, failed.all());
    await progress.forget((_, path) => paths.has(path));
    for (const [id, { place }] of looked) if (places.includes(place)) looked.delete(id);
    await failed.release(places).catch(() => undefined);
  }

  /** What goes together is offered together; of the rest a few, and what rests, whose downloads are kept. */
  function offer(): AskingNote[] {
    const offered: AskingNote[] = [];
    let others = 0;
    // `for` would leave an object and a list for each of thousands.
    waiting.forEach((file, id) => {
      const isBound =
        placing.unitRule(looked.get(id)?.place ?? file.path) !== undefined || notes.isResting(id);
      if (!isBound) others += 1;
      if (isBound || others <= MAX_OFFERED)
        offered.push(
          askingNote(
            file,
            serialOf(file.fleet),
            patchesOf(progress.of(file.fleet), file.path),
            latest.get(file.key)?.seq,
          ),
        );
    });
    return offered;
  }

  /** Of files that are in their places, whoever has put them there, what was found out holds no more. */
  async function forgetExceptions(of: readonly AskedFile[]): Promise<void> {
    const meant = new Set(of.map(({ fleet, path }) => `${fleet} ${path}`));
    if (meant.size > 0) await progress.forget((fleet, path) => meant.has(`${fleet} ${path}`));
  }

  return {
    look,
    asksFor: (failed) => asksFor(failed),
    ids() {
      const ids = [...hearing.ids()];
      waiting.forEach((_, id) => {
        if (notes.isResting(id)) ids.push(id);
      });
      return ids;
    },
    async concluded(ended) {
      const isSaid = new Set<string>();
      const changed = new Map<string, ManifestProgress>();
      for (const { id, path, conclusion } of ended) {
        const file = waiting.get(id);
        if (file === undefined || file.remove) decidedOn = undefined;
        if (file === undefined) {
          // Something else was put there: what is known of that place holds no more.
          for (const [key, { place }] of looked) if (place === path) looked.delete(key);
          if (isToldAnyway(id, conclusion, (key) => theirs.get(pathOrKey(key)))) isSaid.add(id);
          continue;
        }
        const before = changed.get(file.fleet) ?? progress.of(file.fleet);
        const { state, progress: after } = afterDelivery(file, conclusion, before);
        looked.set(id, { ...state, place: looked.get(id)?.place ?? file.path });
        changed.set(file.fleet, after);
        if (state.is !== "waiting") waiting.delete(id);
        isSaid.add(id);
      }
      for (const [fleet, its] of changed) await progress.change(fleet, its);
      return isSaid;
    },
    async tell() {
      if (await progress.correct(failed.all()))
        for (const file of asked) {
          const [found, known] = [looked.get(askingId(file)), progress.known(file)];
          if (found?.is === "exception" && known)
            looked.set(askingId(file), { ...known, place: found.place });
        }
      const stateOf = (file: AskedFile): FileState =>
        looked.get(askingId(file)) ?? { is: "waiting", reason: "" };
      for (const [fleet, { manifest }] of kept.all())
        await tell(
          manifest,
          asked.filter((file) => file.fleet === fleet),
          stateOf,
          progress.of(fleet),
        );
    },
  };
}
