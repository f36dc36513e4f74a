import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { openDatabase } from "../../../../local/blues/note/database.ts";
import type { Note } from "../../../../local/blues/note/note.ts";
import { openNoteStore } from "../../../../local/blues/note/note-store.ts";
import { moveNotes, openSyncEnd, type SyncEnd } from "../../../../local/blues/note/sync-end.ts";
import { createRandom, readSeed, runs } from "../../../support/seeded-random.ts";

const SEED = readSeed();
const DEVICE = "dev:1";

/** One end of a link in a file, which keeps every Note that it takes in the order in which they came. */
function openEnd(file: string, edge: "notehub" | "device") {
  const database = openDatabase(file);
  const notes = openNoteStore(database, DEVICE, edge);
  const came = openNoteStore(database, "came", edge);
  const keep = (note: Note & { notefile: string }) =>
    void came.put("came.qi", { body: { id: note.id, ...note.body } }, { time: note.time });
  return {
    ...{ notes, sync: openSyncEnd(database, DEVICE, notes, keep) },
    came: () => came.list("came.qi").map(({ body }) => body?.n),
    close: () => database.close(),
  };
}

async function inFolder(use: (folder: string) => void): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-sync-"));
  try {
    use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("a move of Notes", () => {
  test.each(runs(20))("takes each once and in order, whatever ends it where (run %i)", (run) =>
    inFolder((folder) => {
      const random = createRandom(SEED + run);
      const open = () => ({
        notehub: openEnd(path.join(folder, "notehub.sqlite"), "notehub"),
        device: openEnd(path.join(folder, "device.sqlite"), "device"),
      });
      let ends = open();
      const sent = { notehub: [] as number[], device: [] as number[] };
      const move = (from: SyncEnd, to: SyncEnd, whole: boolean) => {
        const { notes } = from.waiting();
        if (whole) moveNotes(notes, from, to);
        else to.take(from.origin, notes.slice(0, random.below(notes.length + 1)));
      };
      for (let n = 0; n < 60; n += 1) {
        const edge = random.pick(["notehub", "device"] as const);
        const [from, to] = edge === "notehub" ? [ends.notehub, ends.device] : [ends.device, ends.notehub];
        if (random.chance(0.5)) {
          const notefile = random.pick(edge === "notehub" ? ["a.qi", "a.db"] : ["a.qo", "a.db"]) ?? "";
          const name = notefile.endsWith("db") ? { name: `n${n}` } : {};
          from.notes.put(notefile, { body: { n } }, { time: n, unsent: true, ...name });
          sent[edge].push(n);
        } else {
          move(from.sync, to.sync, random.chance(0.5));
        }
        if (random.chance(0.2)) {
          ends.notehub.close();
          ends.device.close();
          ends = open();
        }
      }
      move(ends.notehub.sync, ends.device.sync, true);
      move(ends.device.sync, ends.notehub.sync, true);
      expect(ends.device.came()).toEqual(sent.notehub);
      expect(ends.notehub.came()).toEqual(sent.device);
      expect([ends.device, ends.notehub].map(({ sync }) => sync.waiting().notes)).toEqual([[], []]);
      expect(ends.notehub.notes.list("a.qi")).toEqual([]);
      ends.notehub.close();
      ends.device.close();
    }),
  );

  test("names the notefiles, also of Notes that were taken before", () =>
    inFolder((folder) => {
      const hub = openEnd(path.join(folder, "notehub.sqlite"), "notehub");
      const device = openEnd(path.join(folder, "device.sqlite"), "device");
      for (const n of [1, 2]) hub.notes.put("a.qi", { body: { n } }, { time: n, unsent: true });
      const { notes, bytes } = hub.sync.waiting();
      expect(bytes).toBe(2 * '{"n":1}'.length);
      device.sync.take(hub.sync.origin, notes);
      expect(moveNotes(notes, hub.sync, device.sync)).toEqual(["a.qi"]);
      expect(device.came()).toEqual([1, 2]);
      hub.close();
      device.close();
    }));

  test("takes all from another store, whose numbers begin anew", () =>
    inFolder((folder) => {
      const device = openEnd(path.join(folder, "device.sqlite"), "device");
      for (const file of ["first.sqlite", "second.sqlite"]) {
        const hub = openEnd(path.join(folder, file), "notehub");
        hub.notes.put("a.qi", { body: { n: file } }, { time: 1, unsent: true });
        moveNotes(hub.sync.waiting().notes, hub.sync, device.sync);
        hub.close();
      }
      expect(device.came()).toEqual(["first.sqlite", "second.sqlite"]);
      device.close();
    }));
});
