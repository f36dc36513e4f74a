import type { Unpacking } from "../../protocol/choose-way.ts";
import type { Emit } from "../events/delivery-event.ts";
import { type Link, LinkDown } from "../link/link.ts";
import type { Outcome } from "./conclude.ts";
import { deliver } from "./deliver.ts";
import type { Delivery, DeviceFiles } from "./delivery.ts";
import { REMEDIES } from "./failures.ts";
import { MAX_BROKEN_LINKS, type NoteState, type NoteStates } from "./note-states.ts";
import type { Candidate } from "./plan.ts";
import type { RetryPolicy } from "./retry-policy.ts";

/** Fetches one version, and says how that ended. @throws {LinkDown} or the signal's reason. */
export type FetchVersion = (
  link: Link,
  candidate: Candidate,
  signal: AbortSignal,
  purpose: Pick<Delivery, "use" | "besides">,
) => Promise<Outcome>;

export function createFetchVersion(
  files: DeviceFiles,
  notes: NoteStates,
  policy: RetryPolicy,
  unpacking: Unpacking,
  emit: Emit,
): FetchVersion {
  return async (link, { id, announcement, path, payloads }, signal, purpose) => {
    const note = notes.of(id);
    let progress = false;
    const watched: Emit = (event) => {
      progress ||= event.event === "chunk";
      emit(event);
    };
    try {
      const outcome = await deliver({
        ...{ announcement, path, payloads, note, files, link, unpacking, policy, signal },
        ...{ ...purpose, emit: watched },
      });
      note.brokenLinks = 0;
      return withSecondChance(note, outcome);
    } catch (error) {
      if (!(error instanceof LinkDown)) throw error;
      // A request that breaks the link every time must not be made for ever.
      note.brokenLinks = progress ? 0 : note.brokenLinks + 1;
      if (note.brokenLinks < MAX_BROKEN_LINKS) throw error;
      const cost = { bytes: 0, requests: note.brokenLinks, seconds: 0 };
      note.brokenLinks = 0;
      return { ...cost, ...REMEDIES.link, reason: "link", detail: error.message };
    }
  };
}

/** A line without checksums may have spoilt the content: fetch it once more before giving it up. */
function withSecondChance(note: NoteState, outcome: Outcome): Outcome {
  if (outcome.state === "installed" || outcome.reason !== "wrong-hash" || note.spoilt) return outcome;
  note.spoilt = true;
  return { ...outcome, tryLater: true };
}
