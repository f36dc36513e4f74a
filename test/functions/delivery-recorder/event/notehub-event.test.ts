import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readNotehubEvent } from "../../../../functions/delivery-recorder/event/notehub-event.ts";
import { formatInventory } from "../../../../protocol/inventory.ts";
import { formatManifestReceipt } from "../../../../protocol/manifest-receipt.ts";

const NOW = Date.UTC(2026, 10, 28, 12, 1);
const SHA256 = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
const RECEIPT = { name: "app/main.py", sha256: SHA256, state: "installed", bytes: 10, requests: 1 };

/** An event as Notehub posts it. */
const event = (body: unknown, change: object = {}) =>
  JSON.stringify({
    event: "b2a1b2a1-0000-4000-8000-000000000001",
    session: "s",
    best_id: "dev:864475046552567",
    device: "dev:864475046552567",
    product: "product:com.example:x",
    app: "app:2606f411-dea6-44a0-9743-1130f57d77d8",
    received: 1795867200.123,
    req: "note.add",
    when: 1795867190,
    file: "file-status.qo",
    body,
    ...change,
  });

describe("an event of Notehub", () => {
  test("with a receipt is a report of its device, when Notehub got it [NF-9.7]", () => {
    expect(readNotehubEvent(event({ ...RECEIPT, n: 5, way: "whole" }), NOW)).toEqual({
      kind: "report",
      report: {
        kind: "receipt",
        device: "dev:864475046552567",
        at: 1795867200123,
        receipt: { ...RECEIPT, n: 5, way: "whole" },
      },
    });
  });

  test.each([
    ["when the Notecard queued it", {}, 1795867190_000],
    ["when Notehub got it, where the Notecard knew no time", { when: 0 }, 1795867200_000],
    ["now, where nobody says a time", { when: undefined, received: undefined }, NOW],
  ])("with a receipt of 0.1.0 has for its number %s [NF-9.7]", (_what, change, n) => {
    expect(readNotehubEvent(event(RECEIPT, change), NOW)).toMatchObject({ report: { receipt: { n } } });
  });

  test("with an inventory is a report too [NF-9.8]", () => {
    const inventory = formatInventory([{ path: "a", sha256: SHA256 }], 7);
    expect(readNotehubEvent(event(inventory), NOW)).toMatchObject({
      report: { kind: "inventory", inventory },
    });
  });

  test("with the receipt of a manifest is one as well [NF-11.12]", () => {
    const counts = { installed: 1, unchanged: 2, removed: 0, bytes: 9, requests: 1 };
    const said = { ...formatManifestReceipt({ fleet: "fleet:a", serial: 7, ...counts }, [], []), n: 7 };
    expect(readNotehubEvent(event({ ...said, later: 1 }), NOW)).toEqual({
      kind: "report",
      report: { kind: "manifest", device: "dev:864475046552567", at: 1795867200123, manifest: said },
    });
    expect(readNotehubEvent(event({ ...said, serial: 0 }), NOW).kind).toBe("unreadable");
  });

  test("of another notefile is passed over", () => {
    expect(readNotehubEvent(event({}, { file: "sensors.qo" }), NOW)).toEqual({
      kind: "ignored",
      file: "sensors.qo",
    });
  });

  test("is not believed to come from the future: a wrong clock must not silence a device [NF-9.7]", () => {
    const at = 1795867200123;
    const far = Number.MAX_SAFE_INTEGER;
    expect(readNotehubEvent(event({ ...RECEIPT, n: far }), NOW)).toMatchObject({
      report: { receipt: { n: at, ahead: far - at } },
    });
    expect(readNotehubEvent(event(formatInventory([], at + 1)), NOW)).toMatchObject({
      report: { inventory: { n: at, ahead: 1 } },
    });
    expect(readNotehubEvent(event(RECEIPT, { received: 99_999_999_999 }), NOW)).toMatchObject({
      report: { at: NOW + 300_000 },
    });
  });

  test.each([
    ["a key of another device", event({ ...RECEIPT, name: "devices/dev:2/app" })],
    [
      "a list that leads out of the root",
      event({ ...formatInventory([], 1), files: [["../x", "AAAAAAAA"]] }),
    ],
  ])("with %s says nothing of it", (_what, text) => {
    const reading = readNotehubEvent(text, NOW);
    if (reading.kind === "report") expect(reading.report).toMatchObject({ inventory: { files: undefined } });
    else expect(reading.kind).toBe("unreadable");
  });

  test.each([
    ["no JSON", "<html>"],
    ["no device", event(RECEIPT, { device: "imei:1" })],
    ["a time that is none", event(RECEIPT, { received: "now" })],
    ["no body", event(undefined)],
    ["another body", event({ temperature: 20 })],
    ["a name that fits no sort key", event({ ...RECEIPT, name: "x".repeat(961) })],
    ["half a receipt", event({ ...RECEIPT, sha256: "x" })],
  ])("with %s is unreadable", (_what, text) => {
    expect(readNotehubEvent(text, NOW)).toMatchObject({ kind: "unreadable", reason: expect.any(String) });
  });

  test("is read or not, whatever it is", () => {
    const any = fc.oneof(
      fc.string(),
      fc.json(),
      fc.jsonValue().map((body) => event(body)),
    );
    fc.assert(
      fc.property(any, (text) =>
        ["report", "ignored", "unreadable"].includes(readNotehubEvent(text, NOW).kind),
      ),
    );
  });
});
