import type { Emit } from "../events/delivery-event.ts";
import { FetchFailed } from "../link/fetch-failed.ts";
import { type Link, LinkDown } from "../link/link.ts";
import type { LatestVersions } from "../state/latest-versions.ts";
import { type Conclusion, concludeDeparture, concludeSuperseded, concludeUnsure } from "./conclude.ts";
import { REMEDIES } from "./failures.ts";
import { fetchPatiently } from "./fetch-rest.ts";
import { MAX_BROKEN_LINKS, type NoteStates } from "./note-states.ts";
import type { Departure } from "./plan.ts";
import type { RetryPolicy } from "./retry-policy.ts";

/** No file has it: the answer is that another version is there, or none. */
const NO_ETAG = "0".repeat(32);

/**
 * What follows from a Note that says that a key is gone. Where a version of it came without `seq`, the Note may be an old one that came late, and
 * only the server can tell: it is asked for a byte. [NF-2.6]
 *
 * @throws {LinkDown} or the signal's reason
 */
export type ConfirmDeparture = (
  link: Link,
  departure: Departure,
  signal: AbortSignal,
) => Promise<Conclusion & { isGone: boolean }>;

export function createConfirmDeparture(
  latest: Pick<LatestVersions, "get">,
  notes: NoteStates,
  policy: RetryPolicy,
  emit: Emit,
): ConfirmDeparture {
  return async (link, departure, signal) => {
    const { id, gone } = departure;
    const { name } = gone;
    if (latest.get(name)?.unordered !== true) return { ...concludeDeparture(departure), isGone: true };
    const note = notes.of(id);
    try {
      const isGone = await isNotThere(link, name, signal);
      note.brokenLinks = 0;
      return isGone
        ? { ...concludeDeparture(departure), isGone }
        : { ...concludeSuperseded({ id, name, etag: undefined, seq: gone.seq, gone: true }), isGone };
    } catch (error) {
      if (error instanceof FetchFailed) return later(departure, error.reason, error.message);
      if (!(error instanceof LinkDown)) throw error;
      note.brokenLinks += 1;
      if (note.brokenLinks < MAX_BROKEN_LINKS) throw error;
      note.brokenLinks = 0;
      return later(departure, "link", error.message);
    }
  };

  function later({ gone }: Departure, reason: FetchFailed["reason"] | "link", detail: string) {
    return { ...concludeUnsure(gone.name, reason, detail), isGone: false };
  }

  async function isNotThere(link: Link, key: string, signal: AbortSignal): Promise<boolean> {
    await link.raise(signal, (detail) => emit({ event: "connecting", name: key, detail }));
    try {
      const asking = { name: key, link, policy, emit, signal };
      await fetchPatiently(asking, { key, etag: NO_ETAG, size: 1 }, 0, { bytes: 0, requests: 0 });
      return false;
    } catch (error) {
      if (!(error instanceof FetchFailed) || REMEDIES[error.reason].tryLater) throw error;
      return error.reason === "file-not-found";
    } finally {
      await link.lower();
    }
  }
}
