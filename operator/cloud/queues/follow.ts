import { explainFailure } from "../explain-failure.ts";

const LOOK_MS = 2_000;
/** Looks at an empty queue until it is believed to be empty: SQS's numbers lag behind. */
const QUIET_LOOKS = 4;

/** What SQS says at one time: messages in the notifier's queue, in work or waiting, and dead letters. */
export type Look = { trying: number; dead: number };

/** Of the messages that were moved, about how many are still tried, and how many are dead letters again. */
export type Standing = { trying: number; back: number };

export type Following = {
  look(): Promise<Look>;
  /** Told whenever the standing is another. */
  tell(sentence: string): void;
  /** @throws once the person has had enough */
  pause(ms: number): Promise<void>;
  /** Milliseconds. */
  now(): number;
};

/**
 * Follows messages that were moved until the queue is empty or the time is over. What leaves the queue was announced, or was no longer
 * needed; what the notifier gives up it sends to the dead letters again; all else is still being tried. SQS tells numbers alone, and other
 * events are counted with them.
 *
 * @param stayed dead letters that were not moved
 */
export async function follow(
  { moved, stayed, waitMs }: { moved: number; stayed: number; waitMs: number },
  { look, tell, pause, now }: Following,
): Promise<Standing> {
  const until = now() + waitMs;
  let standing: Standing = { trying: moved, back: 0 };
  let quiet = 0;
  let isAnswering = true;
  while (quiet < QUIET_LOOKS && now() < until) {
    await pause(Math.min(LOOK_MS, until - now()));
    let seen: Look;
    try {
      seen = await look();
    } catch (error) {
      const known = explainFailure(error);
      if (known?.mayPass !== true) throw error;
      if (isAnswering) tell(`${known.message}. It is asked again`);
      isAnswering = false;
      continue;
    }
    isAnswering = true;
    const next = standingBy(seen, moved, stayed);
    if (next.trying !== standing.trying || next.back !== standing.back)
      tell(`about ${next.trying} still being tried, ${next.back} among the dead letters again`);
    quiet = seen.trying === 0 && next.back === standing.back ? quiet + 1 : 0;
    standing = next;
  }
  return standing;
}

/** No more than were moved: what else is in the queues is not theirs. */
export function standingBy({ trying, dead }: Look, moved: number, stayed: number): Standing {
  const back = Math.min(moved, Math.max(0, dead - stayed));
  return { back, trying: Math.min(moved - back, trying) };
}
