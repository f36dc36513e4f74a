import { readNotehubEvent } from "../../../../functions/delivery-recorder/event/notehub-event.ts";
import type { Report } from "../../../../functions/delivery-recorder/event/report.ts";
import type { Inventory } from "../../../../protocol/inventory.ts";
import type { ManifestReceipt } from "../../../../protocol/manifest-receipt.ts";
import type { Receipt } from "../../../../protocol/receipt.ts";

/** Milliseconds since the epoch. */
const BEGINNING = 1_700_000_000_000;
const STEP_MS = 10_000;
const YEAR_MS = 365 * 24 * 60 * 60_000;

type Said = { kind: "receipt"; receipt: Receipt } | { kind: "inventory"; inventory: Inventory };

/** Numbers what a device says by its clock, and has Notehub receive it in its order, at once or when it is in reach. [NF-9.7] */
export function createPost(device: string) {
  const queue: { said: Said; n: number }[] = [];
  const reports: Report[] = [];
  let [now, aheadMs, online, last] = [BEGINNING, 0, true, 0];

  function flush(at: number): void {
    for (const { said, n } of queue.splice(0)) {
      const body = said.kind === "receipt" ? { ...said.receipt, n } : { ...said.inventory, n };
      const event = { device, file: "file-status.qo", body, received: at / 1000 };
      const reading = readNotehubEvent(JSON.stringify(event), at);
      if (reading.kind !== "report") throw new TypeError(`not read: ${JSON.stringify(event)}`);
      reports.push(reading.report);
    }
  }

  return {
    /** @param index in a life */
    pass(index: number): void {
      now = BEGINNING + index * STEP_MS;
    },
    setClock(ms: number): void {
      aheadMs = ms;
    },
    setOnline(is: boolean): void {
      if (is) flush(now - STEP_MS / 2);
      online = is;
    },
    /** Its state is lost: what it said has arrived, and its clock is not behind, which nobody could tell from a late report. */
    forget(): void {
      flush(now - STEP_MS / 2);
      [last, aheadMs] = [0, Math.max(0, aheadMs)];
    },
    say(said: Said): void {
      last = Math.max(last + 1, now + aheadMs);
      queue.push({ said, n: last });
      if (online) flush(now + 1); // a burst runs ahead of that
    },
    /** All of it, in its order; what still waits comes years late. */
    received(): Report[] {
      flush(now + 3 * YEAR_MS);
      return reports;
    },
  };
}

/** As the device said it. */
export function bodyOf(report: Report): Receipt | Inventory | ManifestReceipt {
  const whole =
    report.kind === "receipt"
      ? report.receipt
      : report.kind === "inventory"
        ? report.inventory
        : report.manifest;
  const { ahead = 0, ...said } = whole;
  return { ...said, n: said.n + ahead };
}
