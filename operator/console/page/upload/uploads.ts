import { useEffect, useState } from "preact/hooks";
import type { PlannedUpload } from "../../api.ts";
import type { Chosen } from "./collect-files.ts";
import { holdFleet } from "./hold-fleet.ts";
import { sendFile } from "./send-file.ts";

export type SendState = "waiting" | "sending" | "stored" | "failed" | "cancelled";

/** One file on its way into the bucket. */
export type Send = { key: string; bytes: number; sent: number; state: SendState; problem?: string };

/** What is chosen, and what is under way: it goes on while other pages are looked at. `warning`: what does not go as it should. */
export type Uploads = { chosen: readonly Chosen[]; sends: readonly Send[]; warning?: string | undefined };

const AT_ONCE = 2;

let uploads: Uploads = { chosen: [], sends: [] };
let cancelling = new AbortController();
const listeners = new Set<() => void>();

export function useUploads(): Uploads {
  const [, redraw] = useState(0);
  useEffect(() => {
    const onChange = () => redraw((n) => n + 1);
    listeners.add(onChange);
    return () => void listeners.delete(onChange);
  }, []);
  return uploads;
}

function change(changed: Partial<Uploads>): void {
  uploads = { ...uploads, ...changed };
  for (const listener of listeners) listener();
}

function changeSend(key: string, changed: Partial<Send>): void {
  change({ sends: uploads.sends.map((send) => (send.key === key ? { ...send, ...changed } : send)) });
}

/** Adds to what is chosen; of two with one path the later one counts. */
export function choose(files: readonly Chosen[]): void {
  const paths = new Set(files.map(({ path }) => path));
  change({
    chosen: [...uploads.chosen.filter(({ path }) => !paths.has(path)), ...files],
    sends: [],
    warning: undefined,
  });
}

export function chooseNothing(): void {
  change({ chosen: [], sends: [], warning: undefined });
}

/** How many of the files are through, whatever became of them. */
export function uploading(sends: readonly Send[]): { done: number; all: number } {
  return {
    done: sends.filter(({ state }) => state !== "waiting" && state !== "sending").length,
    all: sends.length,
  };
}

/**
 * Sends all that was planned, a few at a time. One that fails does not keep the others.
 *
 * @param share for what part of their fleet they are, in percent
 */
export async function sendAll(planned: readonly PlannedUpload[], share: number): Promise<void> {
  const files = new Map(uploads.chosen.map(({ path, file }) => [path, file]));
  cancelling = new AbortController();
  const { signal } = cancelling;
  change({
    chosen: [],
    warning: undefined,
    sends: planned.map(({ key, bytes }) => ({ key, bytes, sent: 0, state: "waiting" })),
  });
  const held = planned.length > 1 ? await holdFleet(planned[0]?.key ?? "") : undefined;
  if (held?.problem !== undefined) change({ warning: held.problem });
  // What is sent together is one release: its shares mean the same devices.
  const release = planned.length > 1 ? crypto.randomUUID().slice(0, 8) : undefined;
  const next = planned.values(); // shared, so each is taken once
  const worker = async () => {
    for (const { key, path } of next) {
      const file = files.get(path);
      if (file === undefined || signal.aborted) continue;
      changeSend(key, { state: "sending" });
      try {
        await sendFile({ key, file, share, release }, (sent) => changeSend(key, { sent }), signal);
        changeSend(key, { state: "stored", sent: file.size });
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        changeSend(key, signal.aborted ? { state: "cancelled" } : { state: "failed", problem });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  held?.release();
}

/** Breaks off what is under way; what is stored by then stays. */
export function cancelAll(): void {
  cancelling.abort();
  change({
    sends: uploads.sends.map((send) => (send.state === "waiting" ? { ...send, state: "cancelled" } : send)),
  });
}

// Who closes the tab closes what is under way with it.
addEventListener("beforeunload", (event) => {
  const { done, all } = uploading(uploads.sends);
  if (done < all) event.preventDefault();
});
