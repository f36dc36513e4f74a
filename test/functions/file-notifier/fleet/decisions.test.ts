import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyLooks, type Look } from "../../../../functions/file-notifier/fleet/apply-looks.ts";
import { announcedIn, claimed, failedIn } from "../../../../functions/file-notifier/fleet/claim.ts";
import { decideAnnouncement } from "../../../../functions/file-notifier/fleet/decide-announcement.ts";
import { manifestOfState } from "../../../../functions/file-notifier/fleet/manifest-of-state.ts";
import { emptyState } from "../../../../functions/file-notifier/fleet/write-looks.ts";
import type { FleetState } from "../../../../protocol/fleet-state.ts";
import { saltOf } from "../../../../protocol/share.ts";

const FLEET = "fleet:1";
const NOW = 1_700_000_000_000;
const version = (id: string) => ({ version: id, size: 1, sha256: id.padEnd(43, "A"), etag: "e" });
const found = (key: string, id: string): Look => ({ key, found: version(id) });
const gone = (key: string): Look => ({ key, found: "nothing" });
const stateAfter = (looks: Look[], before = emptyState(FLEET)) => applyLooks(before, looks, NOW).state;
const stored = (serial: number) => ({ serial, sha256: `${serial}`.padEnd(43, "m"), size: 9, at: NOW });

describe("what looks change in a fleet's state", () => {
  test("is one revision for all of them, and nothing where they find what is known", () => {
    const state = stateAfter([found("a", "v1"), found("b", "v2")]);
    expect(state).toMatchObject({ revision: 1, changedAt: NOW });
    expect(stateAfter([found("a", "v1"), { key: "b", found: { known: "v2" } }], state)).toBe(state);
    expect(stateAfter([gone("c")], state)).toBe(state);
    const next = applyLooks(state, [gone("a")], NOW + 9).state;
    expect(next).toMatchObject({ revision: 2, changedAt: NOW });
    expect(Object.keys(next.files)).toEqual(["b"]);
  });

  test("the highest sequencer of a key stays, whatever order events come in", () => {
    const state = stateAfter([{ ...found("a", "v1"), seq: "Bg" }]);
    expect(stateAfter([{ ...found("a", "v2"), seq: "BQ" }], state).files.a).toMatchObject({
      version: "v2",
      seq: "Bg",
    });
    expect(stateAfter([{ ...found("a", "v2"), seq: "Bw" }], state).files.a?.seq).toBe("Bw");
  });

  test("an event of the version that is known raises its sequencer, and is no news for devices [NF-11.13]", () => {
    const state = stateAfter([{ ...found("a", "v1"), seq: "Bg" }]);
    const known: Look = { key: "a", found: { known: "v1" }, seq: "Bw" };
    const raised = stateAfter([known], state);
    expect(raised).toEqual({ ...state, files: { a: { ...version("v1"), seq: "Bw" } } });
    expect(stateAfter([{ ...known, seq: "BQ" }], raised)).toBe(raised);
  });

  test("a file finds no room where a folder is, nor below a file, and is looked at again once there is some [NF-11.1]", () => {
    const state = stateAfter([found("d/x", "v1")]);
    const { state: full, refused } = applyLooks(state, [found("d", "v2"), found("d/x/y", "v3")], NOW);
    expect([...refused.values()].map(({ reason }) => reason)).toEqual(["folder-conflict", "folder-conflict"]);
    expect(full).toMatchObject({ revision: 1, waiting: ["d", "d/x/y"] });
    const { state: freed, lookAgain } = applyLooks(full, [gone("d/x")], NOW);
    expect(lookAgain).toEqual(["d", "d/x/y"]);
    expect(stateAfter([found("d", "v2")], freed)).toMatchObject({ waiting: ["d/x/y"] });
  });

  test("the 2,001st file is refused, and one that leaves in the same batch makes room for it [NF-11.1]", () => {
    const many = Array.from({ length: 2000 }, (_, at) => found(`f${at}`, `v${at}`));
    const state = stateAfter(many);
    const { refused } = applyLooks(state, [found("more", "v")], NOW);
    expect([...refused.values()].map(({ reason }) => reason)).toEqual(["too-many-files"]);
    expect(Object.keys(stateAfter([found("more", "v"), gone("f7")], state).files)).toHaveLength(2000);
    expect(stateAfter([found("f7", "newer")], state).files.f7?.version).toBe("newer");
  });

  test("a share keeps the last version that all were to have, through any number of releases [NF-11.8] [NF-11.9]", () => {
    const share = (id: string, percent: number): Look => ({
      key: "a",
      found: { ...version(id), share: [percent, saltOf(id)] },
    });
    const first = stateAfter([found("a", "v1")]);
    const second = stateAfter([share("v2", 10)], first);
    expect(second.files.a).toMatchObject({ share: [10, saltOf("v2")], previous: version("v1") });
    const third = stateAfter([share("v3", 20)], second);
    expect(third.files.a).toMatchObject({ version: "v3", previous: version("v1") });
    const raised = stateAfter(
      [{ key: "a", found: { known: "v3" }, given: { versionId: "v3", percent: 50 } }],
      third,
    );
    expect(raised.files.a).toMatchObject({ share: [50, saltOf("v3")], previous: version("v1") });
    const whole = stateAfter(
      [{ key: "a", found: { known: "v3" }, given: { versionId: "v3", percent: 100 } }],
      raised,
    );
    expect(whole.files.a).toEqual(version("v3"));
    expect(stateAfter([found("a", "v4")], third).files.a).toEqual(version("v4"));
  });

  test("files of one release reach the same devices, whichever share they have by now [NF-11.8]", () => {
    const ofRelease = (key: string, id: string): Look => ({
      key,
      found: { ...version(id), release: "r1", share: [10, saltOf(id, "r1")] },
    });
    const state = stateAfter([ofRelease("a", "v1"), ofRelease("b", "v2")]);
    expect(state.files.a?.share).toEqual([10, "r1"]);
    expect(state.files.b?.share).toEqual(state.files.a?.share);
    const raise = (key: string, id: string): Look => ({
      key,
      found: { known: id },
      given: { versionId: id, percent: 50 },
    });
    const raised = stateAfter([raise("a", "v1"), raise("b", "v2")], state);
    expect([raised.files.a?.share, raised.files.b?.share]).toEqual([
      [50, "r1"],
      [50, "r1"],
    ]);
    // One that was for all, and then is for a part: the release is known all the same.
    const all = stateAfter([{ key: "a", found: { ...version("v1"), release: "r1" } }]);
    expect(stateAfter([raise("a", "v1")], all).files.a?.share).toEqual([50, "r1"]);
  });

  test("a version that comes back goes to no more devices than before [NF-11.8]", () => {
    const given = { versionId: "v2", percent: 10 };
    const shared = stateAfter(
      [{ key: "a", found: { known: "v2" }, given }],
      stateAfter([found("a", "v1"), found("a", "v2")]),
    );
    for (const between of [gone("a"), found("a", "v3")]) {
      const back = stateAfter([found("a", "v2")], stateAfter([between], shared));
      expect(back.files.a?.share).toEqual([10, saltOf("v2")]);
    }
    const late = stateAfter(
      [{ key: "a", found: { known: "v3" }, given: { versionId: "v9", percent: 5 } }],
      stateAfter([found("a", "v3")]),
    );
    expect(stateAfter([found("a", "v9")], late).files.a?.share?.[0]).toBe(5);
  });
});

test("a share of what the fleet does not have yet is put on record, and is no revision [NF-11.8]", () => {
  const given = { versionId: "v1", percent: 10 };
  const state = stateAfter([{ ...gone("a"), given }]);
  expect(state).toMatchObject({ revision: 0, shares: { v1: { percent: 10 } } });
  expect(stateAfter([found("a", "v1")], state).files.a?.share?.[0]).toBe(10);
});

test("of two keys for one path that in the fleet's own folder is in the manifest [NF-11.1]", () => {
  const state = stateAfter([found(`fleets/${FLEET}/a`, "own"), found("a", "default"), found("b", "v1")]);
  const { files } = manifestOfState(state, { serial: 1, prune: false });
  expect(files.map(({ path, version: id }) => [path, id])).toEqual([
    ["a", "own"],
    ["b", "v1"],
  ]);
});

describe("a message that a revision is to be announced", () => {
  const told = (more: Partial<FleetState>): FleetState => ({ ...emptyState(FLEET), revision: 3, ...more });
  const announced = { revision: 3, serial: 7, at: NOW };
  const decide = (state: FleetState | undefined, ask = {}) =>
    decideAnnouncement(state, { revision: 3, ...ask }, NOW);

  test.each<[string, FleetState | undefined, object, object]>([
    ["announces", told({ changedAt: NOW - 5_000 }), {}, { do: "announce" }],
    ["is dropped where nothing is known", undefined, {}, { do: "drop" }],
    ["is dropped where nothing has changed since it was begun", told({}), {}, { do: "drop" }],
    ["is dropped once that is on record", told({ announced }), {}, { do: "drop", because: "announced" }],
    ["announces again in doubt", told({ announced, isUncertain: true }), {}, { do: "announce" }],
    ["announces what the variable lacks", told({ announced }), { lacking: 7 }, { do: "announce" }],
    ["not what it lacked before that", told({ announced }), { lacking: 6 }, { do: "drop" }],
    [
      "leaves it to the message of a newer one",
      told({ changedAt: NOW - 59_999 }),
      { revision: 2 },
      { do: "drop" },
    ],
    [
      "but not for longer than a minute",
      told({ changedAt: NOW - 60_000 }),
      { revision: 2 },
      { do: "announce" },
    ],
    [
      "waits while another announces",
      told({ changedAt: NOW, announcing: { claimId: "c", revision: 2, serial: 6, expires: NOW + 2_500 } }),
      {},
      { do: "wait", seconds: 3 },
    ],
    [
      "takes over from one that died",
      told({ changedAt: NOW, announcing: { claimId: "c", revision: 2, serial: 6, expires: NOW } }),
      {},
      { do: "announce" },
    ],
  ])("%s [NF-11.14]", (_what, state, ask, expected) => {
    expect(decide(state, ask)).toMatchObject(expected);
  });
});

describe("an attempt to announce", () => {
  test("keeps the manifest that is announced and the four before it, and as many of which nobody knows [NF-11.6]", () => {
    const steps = fc.array(fc.constantFrom("announced", "unsent", "uncertain", "dead"), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (fates) => {
        let state = stateAfter([found("a", "v1")]);
        const sure: number[] = [];
        for (const [index, fate] of fates.entries()) {
          const serial = index + 1;
          const claim = claimed(state, `c${serial}`, stored(serial), NOW);
          expect(claim.serial).toBe(serial); // [NF-11.3]
          if (fate === "announced") sure.unshift(serial);
          const ended = {
            announced: () => announcedIn(claim, { claimId: `c${serial}`, serial }, NOW),
            unsent: () => failedIn(claim, `c${serial}`, "unsent"),
            uncertain: () => failedIn(claim, `c${serial}`, "uncertain"),
            dead: () => claim,
          }[fate]?.();
          state = ended ?? state;
        }
        const kept = state.manifests.filter(({ isDoubtful }) => !isDoubtful).map(({ serial }) => serial);
        expect(kept).toEqual(sure.slice(0, 5));
        expect(state.manifests.length).toBeLessThanOrEqual(10);
        const last = fates.at(-1);
        if (last === "announced") expect(state.isUncertain).toBeUndefined();
        if (last === "uncertain") expect(state.isUncertain).toBe(true);
      }),
    );
  });

  test("that died leaves its manifest, and a doubt whether it was heard, to the next [NF-11.14]", () => {
    const dead = claimed(stateAfter([found("a", "v1")]), "dead", stored(5), NOW);
    expect(dead.isUncertain).toBeUndefined();
    const next = claimed(dead, "next", stored(6), NOW + 60_000);
    expect(next).toMatchObject({ isUncertain: true, manifests: [{ serial: 5, isDoubtful: true }] });
    expect(failedIn(next, "next", "unsent")).toMatchObject({ isUncertain: true });
  });

  test("ends nothing that another has taken over, and what is on record once is enough", () => {
    const claim = claimed(stateAfter([found("a", "v1")]), "mine", stored(5), NOW);
    expect(announcedIn(claim, { claimId: "other", serial: 4 }, NOW)).toBeUndefined();
    expect(failedIn(claim, "other", "unsent")).toBeUndefined();
    const done = announcedIn(claim, { claimId: "mine", serial: 5 }, NOW);
    expect(done && announcedIn(done, { claimId: "mine", serial: 5 }, NOW)).toBe(done);
  });

  test("what changed meanwhile waits no longer than a minute from the claim", () => {
    const claim = claimed(stateAfter([found("a", "v1")]), "mine", stored(5), NOW + 7);
    const changed = applyLooks(claim, [found("b", "v2")], NOW + 500).state;
    expect(announcedIn(changed, { claimId: "mine", serial: 5 }, NOW + 900)).toMatchObject({
      announced: { revision: 1 },
      revision: 2,
      changedAt: NOW + 7,
    });
  });
});
