import type { Receipt } from "../../protocol/receipt.ts";
import type { Link } from "../link/link.ts";

/** A device that cannot send for months must not fill its memory. */
export const MAX_UNSENT_RECEIPTS = 100;

/** Receipts that no link has taken yet: the newest of them, if there are too many. */
export type Outbox = {
  add(receipt: Receipt): void;
  /** Gives the receipts to the link, oldest first, until it takes no more. */
  send(link: Pick<Link, "report">): Promise<void>;
};

export function createOutbox(): Outbox {
  const receipts: Receipt[] = [];
  return {
    add(receipt) {
      receipts.push(receipt);
      if (receipts.length > MAX_UNSENT_RECEIPTS) receipts.shift();
    },
    async send(link) {
      for (let receipt = receipts[0]; receipt !== undefined; receipt = receipts[0]) {
        if (!(await link.report(receipt))) return;
        receipts.shift();
      }
    },
  };
}
