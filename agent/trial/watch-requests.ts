import { type FSWatcher, watch } from "node:fs";
import type { RetryRequests } from "./retry-requests.ts";

/** Milliseconds between two looks: not every file system tells of changes. */
const LOOK_MS = 1_000;

/** Rings when somebody leaves a request in a folder, within a second or so. */
export function watchRequests(
  folder: string,
  requests: Pick<RetryRequests, "hasNews">,
  ring: () => void,
): { stop(): void } {
  const look = () =>
    void requests.hasNews().then(
      (news) => news && ring(),
      () => undefined,
    );
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(folder, { persistent: false }, look);
    watcher.on("error", () => watcher?.close());
  } catch {
    // then the looks have to do
  }
  return {
    stop() {
      clearInterval(timer);
      watcher?.close();
    },
  };
}
