import type { QueuedNote } from "../../../../agent/link/link.ts";
import type { Notice } from "../../../../functions/file-notifier/announce/notice.ts";
import { isAmong } from "../../../../functions/file-notifier/carrier/notehub/pending-notes.ts";
import { RetryLater } from "../../../../functions/file-notifier/outcome/retry-later.ts";
import type { Carrier } from "../../../../functions/file-notifier/ports.ts";
import { parseAnnouncement, parseGone } from "../../../../protocol/announcement.ts";
import type { Random } from "../../../support/seeded-random.ts";
import type { Turns } from "./turns.ts";

/** Notehub and the queue of one Notecard. */
export type ModelNotehub = {
  carrier: Carrier;
  /** Notes that the Notecard has, oldest first. */
  queue: QueuedNote[];
  /** Notes that Notehub still has for it. */
  pending: { body: object; payload: Uint8Array | undefined }[];
  /** The Notecard is connected: it gets what is pending. */
  sync(): void;
};

export type PostFaults = { faulty(): boolean };

/** A POST may be refused, heard though its reply is lost, or land long after the notifier gave it up. */
export function createModelNotehub(
  turns: Pick<Turns, "turn" | "join">,
  random: Random,
  { faulty }: PostFaults,
): ModelNotehub {
  const pending: ModelNotehub["pending"] = [];
  const queue: QueuedNote[] = [];
  let count = 0;

  /** As JSON carries it: a member that is undefined is none. */
  const land = ({ announcement, payload }: Notice) =>
    void pending.push({ body: JSON.parse(JSON.stringify(announcement)), payload });

  async function post(note: Notice): Promise<void> {
    await turns.turn("notifier");
    if (!faulty()) return land(note);
    switch (random.below(6)) {
      case 0:
        throw new RetryLater("notehub-503", "not now", { fate: "uncertain" });
      case 1:
        land(note);
        throw new RetryLater("notehub-timeout", "the reply is lost", { fate: "uncertain" });
      case 2:
        turns.join(async () => {
          for (let late = random.below(60); late > 0; late -= 1) await turns.turn("post");
          land(note);
        });
        throw new RetryLater("notehub-timeout", "it may land yet", { fate: "uncertain" });
      case 3:
        for (let slow = random.below(40); slow > 0; slow -= 1) await turns.turn("notifier");
        return land(note);
      default:
        return land(note);
    }
  }

  return {
    pending,
    queue,
    carrier: {
      announce: (_device, notice) => post(notice),
      isKnown: async () => true,
      async isPending(_device, announcement) {
        await turns.turn("notifier");
        return isAmong(
          pending.map(({ body }) => body),
          announcement,
        );
      },
      members: async () => [],
    },
    sync() {
      for (const { body, payload } of pending.splice(0)) {
        count += 1;
        const [gone, announcement] = [parseGone(body), parseAnnouncement(body)];
        queue.push({
          id: `${count}`,
          ...(gone ? { gone } : announcement && { announcement }),
          ...(payload && { payload: Buffer.from(payload) }),
        });
      }
    },
  };
}
