import { InstallFailed, onDisk } from "../install/install-failed.ts";
import type { Link } from "../link/link.ts";
import { type Conclusion, concludeDelivery, concludeRemoved } from "./conclude.ts";
import type { DeviceFiles } from "./delivery.ts";
import { failedBefore } from "./failed-for-now.ts";
import { REMEDIES } from "./failures.ts";
import type { FetchVersion } from "./fetch-version.ts";
import { createLookFirst, createRecordInstalled } from "./look-first.ts";
import type { Candidate } from "./plan.ts";

/** Brings one announcement of a file that is a unit by itself to its end. What it concludes is on disk when it returns. */
export function createAttendant(files: DeviceFiles, fetchVersion: FetchVersion) {
  const { placing } = files;
  const { look } = createLookFirst(files);
  const record = createRecordInstalled(files);

  async function removeIt(candidate: Candidate, signal: AbortSignal): Promise<Conclusion> {
    const { announcement, path } = candidate;
    try {
      await onDisk(placing.putInPlace([{ path, announcement, content: undefined }], signal));
      return concludeRemoved(candidate);
    } catch (error) {
      if (!(error instanceof InstallFailed)) throw error;
      const { reason, message: detail, ended } = error;
      const cost = { bytes: 0, requests: 0, seconds: 0 };
      return concludeDelivery(candidate, { ...cost, ...REMEDIES[reason], reason, detail, ended });
    }
  }

  return async (link: Link, candidate: Candidate, signal: AbortSignal): Promise<Conclusion> => {
    const { announcement, path } = candidate;
    const first = await look(candidate, signal);
    if (first.ends !== undefined) return first.ends;
    if (first.failure !== undefined) return concludeDelivery(candidate, failedBefore(first.failure));
    if (candidate.remove) return removeIt(candidate, signal);
    const outcome = await fetchVersion(link, candidate, signal, {
      besides: async () => [],
      async use(content) {
        await placing.putInPlace([{ path, announcement, content }], signal);
        return "placed";
      },
    });
    if (outcome.state === "installed") await record(candidate, true);
    return concludeDelivery(candidate, outcome);
  };
}
