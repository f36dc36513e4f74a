import type { Announcement } from "../../protocol/announcement.ts";
import { KeyRefused } from "../../protocol/key-refused.ts";
import { addressKey } from "../../protocol/target.ts";
import type { QueuedNote } from "../link/link.ts";

/** A Note that the agent will not act on, and why. */
export type Refusal = { id: string; announcement: Announcement | undefined; reason: string; detail: string };

/** The newest announcement of a path, and the ids of the older ones of that path. */
export type Candidate = {
  id: string;
  announcement: Announcement;
  path: string;
  older: { id: string; name: string; etag: string }[];
};

export type Plan = {
  refusals: Refusal[];
  /** One per path, in the order in which the newest Notes were queued. */
  candidates: Candidate[];
};

/**
 * What a queue asks for. The last-queued announcement of a path counts [NF-2.2], also where two names mean the same path,
 * such as a device's own file and its fleet's.
 *
 * @param queue oldest first
 * @param settled ids of Notes that are done with, though they are still queued
 */
export function planDeliveries(queue: readonly QueuedNote[], settled: ReadonlySet<string>): Plan {
  const refusals: Refusal[] = [];
  const newest = new Map<string, Candidate>();
  for (const note of queue) {
    if (settled.has(note.id)) continue;
    const addressed = addressOf(note);
    if ("reason" in addressed) {
      refusals.push(addressed);
      continue;
    }
    const { path, announcement } = addressed;
    const before = newest.get(path);
    newest.delete(path); // a map keeps the order of insertion
    newest.set(path, { id: note.id, announcement, path, older: before === undefined ? [] : olderOf(before) });
  }
  return { refusals, candidates: [...newest.values()] };
}

function olderOf({ id, announcement, older }: Candidate): Candidate["older"] {
  return [...older, { id, name: announcement.name, etag: announcement.etag }];
}

/** The path of a Note's file below the root. [NF-1.3] */
function addressOf({ id, announcement }: QueuedNote): { path: string; announcement: Announcement } | Refusal {
  if (announcement === undefined) {
    return { id, announcement, reason: "unreadable", detail: "the Note is no announcement" }; // [NF-2.1]
  }
  try {
    return { path: addressKey(announcement.name).path, announcement }; // [NF-1.4]
  } catch (error) {
    if (!(error instanceof KeyRefused)) throw error;
    return { id, announcement, reason: error.reason, detail: error.message };
  }
}
