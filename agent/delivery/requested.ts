import type { Emit } from "../events/delivery-event.ts";
import type { RetryRequest, RetryRequests } from "../trial/retry-requests.ts";
import type { AskingNote, Candidate } from "./plan.ts";

/**
 * A person's requests as Notes, which they are but for the queue that they wait in: what was announced of a name since then
 * comes first, and one that has to wait rests.
 */
export type Requested = {
  /** Older than every Note of the queue. */
  notes(): Promise<AskingNote[]>;
  /** What is remembered against a version does not count, the first time that it is tried for a request. */
  take(candidate: Candidate): Promise<Candidate>;
  /** Removes the requests that are done with. */
  settle(isSettled: (noteId: string) => boolean): Promise<void>;
};

const ID = "request:";

/** Whether a Note stands for a person's request. */
export const isRequest = (noteId: string) => noteId.startsWith(ID);

export const NO_REQUESTS: Requested = {
  notes: async () => [],
  take: async (candidate) => candidate,
  settle: async () => undefined,
};

export function createRequested(requests: RetryRequests, emit: Emit): Requested {
  let told: string | undefined;
  let waiting = new Map<string, RetryRequest>();
  return {
    async notes() {
      const all = await requests.all().catch(() => []);
      waiting = new Map(all.map((request) => [`${ID}${request.id}`, request]));
      return [...waiting].map(([id, { announcement }]) => ({ id, announcement }));
    },
    async take(candidate) {
      const request = waiting.get(candidate.id);
      if (request === undefined || request.begun) return candidate;
      const { name, sha256 } = candidate.announcement;
      if (told !== candidate.id) emit({ event: "requested", name, path: candidate.path, sha256 });
      told = candidate.id;
      // A disk that does not take this will not take what follows either: that fails for now, and comes back here.
      await requests.begin(request).catch(() => undefined);
      return { ...candidate, again: true };
    },
    async settle(isSettled) {
      for (const [id, request] of waiting) {
        // If the disk does not take it, the version is looked at once more, and is then not tried anew.
        if (isSettled(id)) await requests.remove(request).catch(() => undefined);
      }
    },
  };
}
