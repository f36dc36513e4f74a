import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inOrder, rawNote, readNoteChanges } from "../../../../agent/link/notecard/queued-notes.ts";

const nested = (depth: number, open: string, close: string): unknown =>
  JSON.parse(`${open.repeat(depth)}1${close.repeat(depth)}`);

describe("the reply that lists a queue", () => {
  test("is put in the order of arrival, whatever the order of its members", () => {
    const note = (time: number) => ({ body: {}, time });
    const notes = { "1:10": note(5), "1:9": note(5), "1:2": note(7), "7": note(6) };
    const ids = inOrder(readNoteChanges({ notes })?.notes ?? []).map(({ id }) => id);
    expect(ids).toEqual(["1:9@5", "1:10@5", "7@6", "1:2@7"]);
  });

  test("may be anything and does no harm", () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (notes, total) => {
        const read = readNoteChanges({ notes, total });
        expect(read === undefined || Array.isArray(inOrder(read.notes))).toBe(true);
      }),
    );
  });

  test("costs little memory, however long the ids in it are, and ids stay apart", () => {
    const [first, second] = ["a", "b"].map((end) => "x".repeat(60_000) + end);
    const notes = { [String(first)]: { body: {}, time: 1 }, [String(second)]: { body: {}, time: 1 } };
    const ids = readNoteChanges({ notes })?.notes.map(({ id }) => id) ?? [];
    expect(new Set(ids).size).toBe(2);
    expect(ids.every(({ length }) => length < 100)).toBe(true);
  });
});

describe("what is nested too deep to be written again", () => {
  test("announces nothing as a Note, and ends nothing", () => {
    const note = rawNote("1", nested(20_000, '{"a":', "}"));
    expect(note).toEqual({ id: "1", digest: expect.any(String), time: undefined });
  });

  test("is no time", () => {
    const notes = { "1:1": { body: {}, time: nested(20_000, "[", "]") } };
    expect(readNoteChanges({ notes })?.notes).toMatchObject([{ id: "1:1@undefined", time: undefined }]);
  });
});
