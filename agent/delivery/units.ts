import type { Emit } from "../events/delivery-event.ts";
import { isCondemned, REMOVED } from "../trial/failed-versions.ts";
import type { DeviceFiles } from "./delivery.ts";
import { type Gathering, gatherNotes, type PendingNote, withoutNotes } from "./gather-units.ts";
import { nextTask, type Task, type Unit, unitsOf } from "./next-task.ts";
import type { NoteStates } from "./note-states.ts";
import type { AskingNote, Candidate, Plan } from "./plan.ts";
import { isRequest } from "./requested.ts";
import type { Announced } from "./revive.ts";

/** Which files of a plan go together, as far as is known by now. A successor finds that out anew. */
export type Units = {
  /** What a plan has of each path whose rule makes units. */
  announced(plan: Plan, notes: readonly AskingNote[]): Announced[];
  /** Takes note of what is new in a plan, and says what comes next. */
  next(plan: Plan): Promise<Task | undefined>;
  /** What comes after that in the same plan, as long as nothing of it was concluded. */
  again(plan: Plan): Task | undefined;
  /** Takes note of what was brought to its end. */
  concluded(ids: readonly string[]): void;
  /** Milliseconds until a unit closes that is still open; undefined if none is. */
  closesInMs(): number | undefined;
  /** Paths whose downloads are needed, though nothing is to be done for them now. */
  pathsToKeep(plan: Plan): string[];
};

/** @param now milliseconds, monotonic */
export function createUnits(
  { placing, failed, waiting }: Pick<DeviceFiles, "placing" | "failed" | "waiting">,
  notes: NoteStates,
  quietMs: number,
  emit: Emit,
  now: () => number = () => performance.now(),
): Units {
  let gatherings: Gathering[] = [];
  let units: Unit[] = [];
  let told = "";

  function pendingIn({ candidates, resting }: Plan): PendingNote[] {
    return [
      ...candidates.map(({ id, path, group }) => ({ id, path, group, resting: false })),
      ...resting.map(({ id, path, group }) => ({ id, path, group, resting: true })),
    ].flatMap(({ path, ...note }) => {
      const rule = path === undefined ? undefined : placing.unitRule(path);
      return path === undefined || rule === undefined ? [] : [{ ...note, path, rule }];
    });
  }

  const isReady = ({ id }: Candidate) => notes.of(id).ready !== undefined;

  /** Tells once which files wait for which, if they do. */
  function tellWaits(): void {
    const waits = units.filter(({ resting, members }) => resting.length > 0 && members.some(isReady));
    const text = JSON.stringify(waits.map(({ members, resting }) => [members.map(({ id }) => id), resting]));
    if (waits.length > 0 && text !== told) {
      for (const { rule, members, resting } of waits) {
        const paths = members.filter(isReady).map(({ path }) => path);
        emit({ event: "unit-waits", match: rule.match, paths, lacks: [...resting] });
      }
    }
    told = text;
  }

  /** For people: if the disk does not take it, only `status` is less well informed. */
  async function record(): Promise<void> {
    const several = units
      .map(({ rule, members, resting }) => ({
        match: rule.match,
        paths: [...new Set([...members.map(({ path }) => path), ...resting])].toSorted(),
        lacks: [...resting],
      }))
      .filter(({ paths }) => paths.length > 1);
    await waiting.write(several).catch(() => undefined);
  }

  function again({ candidates }: Plan): Task | undefined {
    return nextTask(
      candidates,
      units,
      (id) => ({ ready: notes.of(id).ready !== undefined, held: notes.of(id).held }),
      ({ members }) => isCondemned(failed.all(), digestsOf(members)),
    );
  }

  return {
    announced({ candidates, resting }, all) {
      const rested = resting.flatMap(({ id, path }) => {
        const { announcement, group, remove } = all.find((note) => note.id === id) ?? {};
        return announcement === undefined || path === undefined
          ? []
          : [{ id, path, announcement, group, remove, again: false }];
      });
      return [...candidates, ...rested].flatMap(({ id, path, announcement, group, remove, again }) => {
        const rule = placing.unitRule(path);
        if (rule === undefined) return [];
        const asked = again || isRequest(id);
        return [{ path, rule, sha256: announcement.sha256, remove, again: asked, group }];
      });
    },
    async next(plan) {
      const at = now();
      gatherings = gatherNotes(gatherings, pendingIn(plan), at, quietMs);
      units = unitsOf(gatherings, plan.candidates, plan.resting, at, quietMs);
      tellWaits();
      await record();
      return again(plan);
    },
    again,
    concluded(ids) {
      gatherings = withoutNotes(gatherings, new Set(ids.filter((id) => notes.of(id).settled)));
    },
    closesInMs() {
      const open = units.map(({ closesInMs }) => closesInMs).filter((ms) => ms > 0);
      return open.length === 0 ? undefined : Math.min(...open);
    },
    pathsToKeep({ candidates, resting }) {
      // What failed together with others is needed again once one of them is another.
      const failedTogether = [...failed.all()].filter(([, { unit }]) => unit !== undefined);
      return [
        ...[...candidates, ...resting].flatMap(({ path }) => path ?? []),
        ...failedTogether.map(([path]) => path),
      ];
    },
  };
}

function digestsOf(members: readonly Candidate[]): Map<string, string> {
  return new Map(
    members.map(({ path, remove, announcement }) => [path, remove ? REMOVED : announcement.sha256]),
  );
}
