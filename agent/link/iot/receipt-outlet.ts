import { LinkDown } from "../link.ts";
import type { MqttSession } from "./mqtt-session.ts";

/** Receipts in a row at which the connection may break before they are taken for what breaks it. */
const MAX_BROKEN = 3;

/** Milliseconds without receipts after that, doubling. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

/**
 * Publishes receipts. A broker that does not allow that ends the connection at each: files must get to the device all the same.
 */
export type ReceiptOutlet = {
  /** @returns false while none are sent. @throws {LinkDown} */
  send(session: MqttSession, topic: string, payload: string): Promise<boolean>;
};

export function createReceiptOutlet(): ReceiptOutlet {
  let broken = 0;
  let pauses = 0;
  let closedUntil = Number.NEGATIVE_INFINITY;
  return {
    async send(session, topic, payload) {
      if (performance.now() < closedUntil) return false;
      try {
        await session.publish(topic, payload);
      } catch (cause) {
        broken += 1;
        if (broken >= MAX_BROKEN) {
          closedUntil = performance.now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** pauses);
          pauses += 1;
        }
        throw new LinkDown(
          `the connection ended as a receipt was sent: does the policy allow iot:Publish to ${topic}?`,
          { cause },
        );
      }
      broken = 0;
      pauses = 0;
      return true;
    },
  };
}
