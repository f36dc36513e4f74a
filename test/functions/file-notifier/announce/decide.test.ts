import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AnnouncementRecord, decide } from "../../../../functions/file-notifier/announce/decide.ts";
import { compareSequencers } from "../../../../functions/file-notifier/message/sequencer.ts";

const sequencer = fc.stringMatching(/^[0-9A-Fa-f]{1,20}$/);
const now = fc.integer({ min: 1, max: 2 ** 42 });
const record = fc.record<AnnouncementRecord>({
  sequencer,
  versionId: fc.string(),
  announcement: fc.record({
    name: fc.string(),
    size: fc.nat(),
    sha256: fc.constant("A".repeat(43)),
    etag: fc.constant("e"),
  }),
  state: fc.constantFrom("claimed", "unsent", "uncertain", "announced"),
  claimId: fc.uuid(),
  claimExpires: now,
});

const KEY = { bucket: "files", key: "a" };

/** An upload that the key still shows. */
const upload = (of: string, versionId = "another") =>
  [{ ...KEY, kind: "added", sequencer: of, versionId }, versionId] as const;
const again = ({ sequencer: of, versionId = "" }: AnnouncementRecord) => upload(of, versionId);

describe("what a copy of an event does", () => {
  test("the first one claims", () => {
    expect(decide(undefined, ...upload("1"), 0)).toEqual({ do: "claim", checkPending: false });
  });

  test("an older version is stale, whatever the newer one's state [NF-8.4]", () => {
    fc.assert(
      fc.property(record, sequencer, now, (known, older, at) => {
        fc.pre(compareSequencers(older, known.sequencer) < 0);
        const stale = { do: "drop", because: "stale" };
        expect(decide(known, ...again({ ...known, sequencer: older }), at)).toEqual(stale);
        const [event] = upload(older, "its own");
        expect(decide(known, event, "a third", at)).toEqual(stale);
        const removed = { ...KEY, kind: "removed", expired: true, sequencer: older } as const;
        expect(decide(known, removed, known.versionId, at)).toEqual(stale);
      }),
    );
  });

  test("a removal by hand that comes late has what was told last told once more, as a copy of its event would [NF-8.4]", () => {
    fc.assert(
      fc.property(record, sequencer, now, (known, older, at) => {
        fc.pre(compareSequencers(older, known.sequencer) < 0);
        const removed = { ...KEY, kind: "removed", expired: false, sequencer: older } as const;
        const decision = decide(known, removed, known.versionId, at);
        const own = decide(known, ...again(known), at);
        if (own.do === "wait") expect(decision).toEqual(own);
        else
          expect(decision).toEqual({ do: "claim", checkPending: known.state !== "unsent", repeated: true });
      }),
    );
  });

  test("unless the key holds its very version: then the newer one is a lie, or was removed [NF-8.4]", () => {
    fc.assert(
      fc.property(record, sequencer, now, (known, older, at) => {
        fc.pre(compareSequencers(older, known.sequencer) < 0 && known.versionId !== "another");
        const claim = { do: "claim", checkPending: false, unordered: true };
        expect(decide(known, ...upload(older), at)).toEqual(claim);
        const removed = { ...KEY, kind: "removed", expired: true, sequencer: older } as const;
        expect(decide(known, removed, "another", at)).toEqual(claim);
        expect(decide(known, removed, undefined, at)).toEqual(claim);
        const told = { ...known, versionId: undefined };
        expect(decide(told, removed, undefined, at)).toEqual({ do: "drop", because: "stale" });
      }),
    );
  });

  test("a newer version never waits for an older one", () => {
    fc.assert(
      fc.property(record, sequencer, now, (known, newer, at) => {
        fc.pre(compareSequencers(newer, known.sequencer) > 0);
        expect(decide(known, ...upload(newer), at)).toEqual({ do: "claim", checkPending: false });
      }),
    );
  });

  test("the same version is dropped only once announced, and meets a live claim by waiting for its end [NF-8.2]", () => {
    fc.assert(
      fc.property(record, now, fc.integer({ min: -300_000, max: 300_000 }), (one, at, left) => {
        const known = { ...one, claimExpires: at + left };
        const decision = decide(known, ...again(known), at);
        expect(decision.do === "drop").toBe(known.state === "announced");
        const live = known.state === "claimed" && left > 0 && left <= 240_000;
        expect(decision.do === "wait").toBe(live);
        if (decision.do === "wait") {
          expect(at + decision.seconds * 1000).toBeGreaterThanOrEqual(known.claimExpires);
          expect(at + (decision.seconds - 1) * 1000).toBeLessThan(known.claimExpires);
        }
      }),
    );
  });

  test("a claim that would hold for longer than any, by a clock that ran ahead, is that of a dead one", () => {
    fc.assert(
      fc.property(record, now, fc.integer({ min: 1, max: 2 ** 45 }), (one, at, years) => {
        const known = { ...one, state: "claimed", claimExpires: at + 240_000 + years } as const;
        expect(decide(known, ...again(known), at)).toEqual({ do: "claim", checkPending: true });
      }),
    );
  });

  test("the queue is looked at unless the earlier attempt surely sent nothing [NF-8.3]", () => {
    fc.assert(
      fc.property(record, now, (known, at) => {
        const decision = decide(known, ...again(known), at);
        if (decision.do === "claim") expect(decision.checkPending).toBe(known.state !== "unsent");
      }),
    );
  });
});

describe("what counts is what the key holds [NF-8.6]", () => {
  const known = { sequencer: "05", versionId: "v1", state: "announced" } as AnnouncementRecord;
  const removed = { ...KEY, kind: "removed", expired: true, sequencer: "07" } as const;
  const byHand = { ...removed, expired: false };
  const added = (versionId: string | undefined) =>
    ({ ...KEY, kind: "added", sequencer: "07", versionId }) as const;
  const claim = { do: "claim", checkPending: false };
  const done = { do: "drop", because: "done" };
  const overtaken = { do: "drop", because: "overtaken" };

  test.each<[string, Parameters<typeof decide>, object]>([
    ["an old version expired", [known, removed, "v1", 0], done],
    ["a version was removed by hand, which may have been on top", [known, byHand, "v1", 0], claim],
    ["the newest version went", [known, removed, "v0", 0], claim],
    ["the last version went", [known, removed, undefined, 0], claim],
    [
      "an old version went, of a key that is gone",
      [{ ...known, versionId: undefined }, removed, undefined, 0],
      done,
    ],
    ["an old version went, of a key that was never announced", [undefined, removed, "v1", 0], claim],
    [
      "an old version went before Notehub answered",
      [{ ...known, state: "uncertain" }, removed, "v1", 0],
      claim,
    ],
    ["versions have no names", [{ ...known, versionId: "null" }, removed, "null", 0], claim],
    ["the key was deleted", [known, added(undefined), undefined, 0], claim],
    ["the key was deleted, and that was undone", [known, added(undefined), "v1", 0], claim],
    ["another version came and went", [known, added("v2"), "v1", 0], claim],
    ["another version came, and a newer one", [known, added("v2"), "v3", 0], overtaken],
    ["another version came and went before any was announced", [undefined, added("v2"), "v1", 0], overtaken],
  ])("%s", (_what, given, decision) => {
    expect(decide(...given)).toEqual(decision);
  });

  test("a version that came back is seen through once it was begun", () => {
    const begun = { ...known, sequencer: "07", state: "unsent" } as const;
    expect(decide(begun, added("v2"), "v1", 0)).toEqual(claim);
    expect(decide({ ...begun, state: "announced" }, added("v2"), "v1", 0)).toEqual(done);
  });
});
