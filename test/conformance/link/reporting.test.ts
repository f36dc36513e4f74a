import { expect, test } from "vitest";
import type { Receipt } from "../../../protocol/receipt.ts";
import { describeLink } from "./support/describe-link.ts";

/** More than any link keeps. */
const TOO_MANY = 1_000;

function receiptOf(at: number): Receipt {
  const file = { name: `devices/dev:1/ünï "${at}".bin`, sha256: `${at}`.padStart(43, "A") };
  return { ...file, state: "installed", bytes: at * 1_000, requests: at };
}

describeLink("a receipt", (start, { hasRadio }) => {
  test.each<Partial<Receipt>>([
    {},
    { state: "unchanged", bytes: 0, requests: 0 },
    { state: "failed", reason: "run-not-restored" },
    { state: "refused", reason: "symbolic-link", bytes: 0, requests: 0 },
  ])("arrives as it was sent: %j", async (more) => {
    const { link, receipts } = await start();
    const receipt = { ...receiptOf(7), ...more };
    expect(await link.report(receipt)).toBe(true);
    expect(await receipts()).toEqual([receipt]);
  });

  test("arrives once, after those before it", async () => {
    const { link, receipts } = await start();
    const sent = Array.from({ length: 20 }, (_, at) => receiptOf(at));
    for (const receipt of sent) expect(await link.report(receipt)).toBe(true);
    expect(await receipts()).toEqual(sent);
  });

  test("that was taken arrives though its link is closed at once", async () => {
    const { link, receipts } = await start();
    await link.report(receiptOf(1));
    await link.close();
    expect(await receipts()).toEqual([receiptOf(1)]);
  });

  if (!hasRadio) return;

  test("is not taken while there is no room; those that were arrive, and then there is room again", async () => {
    const { link, receipts, radio } = await start();
    radio?.off();
    const sent: Receipt[] = [];
    for (let at = 0; at < TOO_MANY && (await link.report(receiptOf(at))); at += 1) sent.push(receiptOf(at));
    expect(sent.length).toBeGreaterThan(10);
    expect(sent.length).toBeLessThan(TOO_MANY);
    expect(await link.report(receiptOf(TOO_MANY))).toBe(false);
    radio?.on();
    await expect.poll(() => link.report(receiptOf(TOO_MANY))).toBe(true);
    expect(await receipts()).toEqual([...sent, receiptOf(TOO_MANY)]);
  });
});
