import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readNotehubEvent } from "../../../../functions/delivery-recorder/event/notehub-event.ts";
import { readRuleEvent } from "../../../../functions/delivery-recorder/event/rule-event.ts";
import { evaluate } from "../../../../local/aws/iot/rules/evaluate.ts";
import { parseRuleSql } from "../../../../local/aws/iot/rules/sql.ts";
import { formatInventory } from "../../../../protocol/inventory.ts";
import { formatManifestReceipt } from "../../../../protocol/manifest-receipt.ts";
import { receiptTopic } from "../../../../protocol/thing-topics.ts";

const NOW = Date.UTC(2026, 10, 28, 12, 1);
const SHA256 = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
const RECEIPT = {
  name: "things/pump/a",
  sha256: SHA256,
  state: "failed",
  reason: "run",
  bytes: 1,
  requests: 1,
  n: 5,
};
const SQL =
  "SELECT encode(*, 'base64') AS body, topic(3) AS thing, timestamp() AS received FROM 'noteferry/things/+/receipts'";

/** What the deployed rule makes of a message, as its action queues it. */
const eventOf = (payload: Uint8Array | string, thing = "pump", now = NOW - 1000) =>
  JSON.stringify(selected(payload, thing, now));
const selected = (payload: Uint8Array | string, thing: string, now: number) =>
  evaluate(parseRuleSql(SQL).selected, {
    ...{ topic: receiptTopic(thing), payload: Buffer.from(payload), clientId: thing, now },
  });
const read = (body: unknown, thing?: string) => readRuleEvent(eventOf(JSON.stringify(body), thing), NOW);
const manifest = (fleet: string) => {
  const counts = { installed: 1, unchanged: 2, removed: 0, bytes: 9, requests: 1 };
  return { ...formatManifestReceipt({ fleet, serial: 7, ...counts }, [], []), n: 7 };
};

describe("an event of the topic rule [NF-13.6]", () => {
  test("is a report of the thing that the topic names, when AWS IoT got it", () => {
    expect(read({ ...RECEIPT, thing: "valve", device: "dev:1" })).toEqual({
      kind: "report",
      report: { kind: "receipt", device: "thing:pump", at: NOW - 1000, receipt: RECEIPT },
    });
    const inventory = formatInventory([{ path: "a", sha256: SHA256 }], 7);
    expect(read(inventory)).toMatchObject({ report: { kind: "inventory", device: "thing:pump" } });
  });

  test("of a manifest is of the thing's own, or of a group's, and of nobody else's", () => {
    for (const fleet of ["thing:pump", "thing-group:pumps"])
      expect(read(manifest(fleet))).toMatchObject({ report: { kind: "manifest", manifest: { fleet } } });
    for (const fleet of ["thing:valve", "fleet:1"])
      expect(read(manifest(fleet))).toMatchObject({ kind: "unreadable" });
  });

  test.each(["things/valve/a", "devices/dev:1/a", "fleets/fleet:1/a", "a", "things/pump/../valve/a"])(
    "says nothing of %s, which a thing never has",
    (name) => {
      expect(read({ ...RECEIPT, name })).toMatchObject({ kind: "unreadable" });
    },
  );

  test("and Notehub's devices say nothing of a thing's or its groups'", () => {
    const event = (body: unknown) =>
      readNotehubEvent(JSON.stringify({ device: "dev:1", file: "file-status.qo", body }), NOW);
    for (const name of ["things/pump/a", "thing-groups/pumps/a"])
      expect(event({ ...RECEIPT, name })).toMatchObject({ kind: "unreadable" });
    for (const fleet of ["thing:pump", "thing-group:pumps"])
      expect(event(manifest(fleet))).toMatchObject({ kind: "unreadable" });
    expect(event(manifest("fleet:1"))).toMatchObject({ kind: "report" });
  });

  test("with whatever bytes is read or refused, as that thing's", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json()), (payload) => {
        const reading = readRuleEvent(eventOf(payload), NOW);
        if (reading.kind === "report") expect(reading.report.device).toBe("thing:pump");
      }),
    );
    expect(read({ ...RECEIPT, reason: "x".repeat(70_000) })).toMatchObject({ kind: "unreadable" });
    expect(readRuleEvent(eventOf(Buffer.from([0xff, 0xfe])), NOW)).toMatchObject({ kind: "unreadable" });
  });

  test("in any other form is refused", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (any) => {
        expect(readRuleEvent(any, NOW).kind).toBe("unreadable");
      }),
    );
    const event = JSON.parse(eventOf(JSON.stringify(RECEIPT)));
    for (const thing of ["", "a/b", "a b", "x".repeat(129)])
      expect(readRuleEvent(JSON.stringify({ ...event, thing }), NOW).kind).toBe("unreadable");
  });

  test("from a clock that runs ahead counts as now", () => {
    const ahead = readRuleEvent(eventOf(JSON.stringify(RECEIPT), "pump", NOW + 10 ** 9), NOW);
    expect(ahead).toMatchObject({ report: { at: NOW + 300_000 } });
  });
});
