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

describe("what a copy of an event does", () => {
  test("the first one claims", () => {
    expect(decide(undefined, { sequencer: "1" }, 0)).toEqual({ do: "claim", checkPending: false });
  });

  test("an older version is stale, whatever the newer one's state [NF-8.4]", () => {
    fc.assert(
      fc.property(record, sequencer, now, (known, older, at) => {
        fc.pre(compareSequencers(older, known.sequencer) < 0);
        expect(decide(known, { sequencer: older }, at)).toEqual({ do: "drop", because: "stale" });
      }),
    );
  });

  test("a newer version never waits for an older one", () => {
    fc.assert(
      fc.property(record, sequencer, now, (known, newer, at) => {
        fc.pre(compareSequencers(newer, known.sequencer) > 0);
        expect(decide(known, { sequencer: newer }, at)).toEqual({ do: "claim", checkPending: false });
      }),
    );
  });

  test("the same version is dropped only once announced, and meets a live claim by waiting for its end [NF-8.2]", () => {
    fc.assert(
      fc.property(record, now, (known, at) => {
        const decision = decide(known, known, at);
        expect(decision.do === "drop").toBe(known.state === "announced");
        const live = known.state === "claimed" && known.claimExpires > at;
        expect(decision.do === "wait").toBe(live);
        if (decision.do === "wait") {
          expect(at + decision.seconds * 1000).toBeGreaterThanOrEqual(known.claimExpires);
          expect(at + (decision.seconds - 1) * 1000).toBeLessThan(known.claimExpires);
        }
      }),
    );
  });

  test("the queue is looked at unless the earlier attempt surely sent nothing [NF-8.3]", () => {
    fc.assert(
      fc.property(record, now, (known, at) => {
        const decision = decide(known, known, at);
        if (decision.do === "claim") expect(decision.checkPending).toBe(known.state !== "unsent");
      }),
    );
  });
});
