import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  closesAt,
  type Gathering,
  gatherNotes,
  type PendingNote,
  withoutNotes,
} from "../../../agent/delivery/gather-units.ts";
import type { RunRule } from "../../../agent/trial/run-rule.ts";

const QUIET = 100;
const [RULE, OTHER]: RunRule[] = ["app/**", "lib/**"].map((match) => ({ match, command: ["x"], seconds: 1 }));

/** `a`: a first Note for that path; `a2`: a second one; `a!`: it has to rest; `m:a`: of the group m; `/a`: of another rule. */
function note(text: string): PendingNote {
  const [, group, slash, path = "", rest] = /^(?:(\w+):)?(\/?)([a-z])\d?(!?)$/.exec(text) ?? [];
  const rule = slash === "/" ? OTHER : RULE;
  if (rule === undefined) throw new Error(text);
  return { id: text.replace("!", ""), path, rule, group, resting: rest === "!" };
}

/** Looks at what is pending, at times in milliseconds. */
function gather(...looks: [number, string[]][]): Gathering[] {
  return looks.reduce<Gathering[]>(
    (before, [at, notes]) => gatherNotes(before, notes.map(note), at, QUIET),
    [],
  );
}

const pathsOf = (gatherings: readonly Gathering[]) =>
  gatherings.map(({ notes }) => [...new Set(notes.values())].toSorted().join(""));

describe("Notes of one rule", () => {
  test.each<[string, [number, string[]][], string[]]>([
    [
      "that come within a quiet time go together",
      [
        [0, ["a"]],
        [90, ["a", "b"]],
        [180, ["a", "b", "c"]],
      ],
      ["abc"],
    ],
    [
      "that come after it go apart",
      [
        [0, ["a"]],
        [100, ["a", "b"]],
      ],
      ["a", "b"],
    ],
    ["do not go with those of another", [[0, ["a", "/b"]]], ["a", "b"]],
    [
      "join what has to wait anyway",
      [
        [0, ["a", "b"]],
        [900, ["a!", "b", "c"]],
      ],
      ["abc"],
    ],
    [
      "that are newer take the place of the older ones",
      [
        [0, ["a", "b"]],
        [900, ["a2", "b"]],
      ],
      ["ab"],
    ],
    [
      "that come with a newer one go where it goes",
      [
        [0, ["a", "b"]],
        [900, ["a2", "b", "c"]],
      ],
      ["abc"],
    ],
    [
      "join two units that they are newer versions for",
      [
        [0, ["a"]],
        [500, ["a", "b"]],
        [900, ["a2", "b2"]],
      ],
      ["ab"],
    ],
    [
      "are forgotten once they are done with",
      [
        [0, ["a", "b"]],
        [10, ["b"]],
      ],
      ["b"],
    ],
    ["that belong together go apart from others", [[0, ["a", "m:b", "m:c"]]], ["a", "bc"]],
    [
      "that belong together stay so",
      [
        [0, ["m:b"]],
        [900, ["m:b", "m:c"]],
      ],
      ["bc"],
    ],
  ])("%s", (_what, looks, expected) => {
    expect(pathsOf(gather(...looks)).toSorted()).toEqual(expected);
  });

  test("that belong to others now go with what came with those", () => {
    const of = (group: string, ...texts: string[]) => texts.map((text) => ({ ...note(text), group }));
    const first = gatherNotes([], of("m", "a!", "b"), 0, QUIET);
    expect(pathsOf(gatherNotes(first, of("n", "a!", "b", "c"), 900, QUIET))).toEqual(["abc"]);
  });

  test("are waited for a quiet time after the last, and seven after the first at most", () => {
    expect(closesAt(gather([0, ["a"]])[0] as Gathering, QUIET)).toBe(100);
    const on = (count: number) =>
      gather(
        ...Array.from({ length: count }, (_, at): [number, string[]] => [
          at * 90,
          [..."abcdefghijkl".slice(0, at + 1)],
        ]),
      );
    expect(on(3).map((each) => closesAt(each, QUIET))).toEqual([280]);
    expect(pathsOf(on(10))).toEqual(["abcdefgh", "ij"]);
    expect(on(10).map((each) => closesAt(each, QUIET))).toEqual([700, 910]);
  });

  test("that are known to belong together are not waited for", () => {
    expect(gather([50, ["m:a", "m:b"]]).map((each) => closesAt(each, QUIET))).toEqual([50]);
    // A Note that comes in between may have others behind it.
    expect(gather([50, ["m:a", "m:b"]], [60, ["a2", "m:b"]]).map((each) => closesAt(each, QUIET))).toEqual([
      160,
    ]);
    expect(gather([50, ["m:a", "m:b"]], [60, ["n:a", "n:b"]]).map((each) => closesAt(each, QUIET))).toEqual([
      60,
    ]);
  });

  test("that come after one was brought to its end begin anew", () => {
    const [before] = gather([0, ["m:a", "m:b"]]);
    const after = withoutNotes(before === undefined ? [] : [before], new Set(["m:a", "m:b"]));
    const gathered = gatherNotes(after, [note("n:a")], 10, QUIET);
    expect(gathered).toMatchObject([{ group: "n", firstAt: 10 }]);
  });

  test("are each in one unit, whenever they come [NF-9.10]", () => {
    const text = fc.tuple(
      fc.constantFrom("", "m:", "n:"),
      fc.constantFrom("", "/"),
      fc.constantFrom(..."abc"),
      fc.constantFrom("", "!"),
    );
    const looks = fc.array(
      fc.tuple(fc.nat(200), fc.uniqueArray(text, { selector: ([, rule, path]) => rule + path })),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(looks, (all) => {
        let [now, at] = [0, 0];
        let gatherings: Gathering[] = [];
        for (const [later, notes] of all) {
          now += later;
          at += 1;
          const pending = notes.map((parts) => ({
            ...note(parts.join("")),
            id: `${parts.join("")}${at % 3}`,
          }));
          gatherings = gatherNotes(gatherings, pending, now, QUIET);
          const keys = (each: Iterable<{ rule: RunRule; path: string }>) =>
            [...each].map(({ rule, path }) => `${rule.match} ${path}`).toSorted();
          const gathered = gatherings.flatMap(({ rule, notes }) =>
            [...notes.values()].map((path) => ({ rule, path })),
          );
          expect(keys(gathered)).toEqual(keys(pending));
        }
      }),
    );
  });
});
