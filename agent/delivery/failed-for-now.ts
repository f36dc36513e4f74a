import type { InstallFailed } from "../install/install-failed.ts";
import type { FailedVersion } from "../trial/failed-versions.ts";
import type { Outcome } from "./conclude.ts";

const NO_COST = { bytes: 0, requests: 0, seconds: 0 };

/** The same content would fail again, so it is not paid for twice. */
export function failedBefore({ reason, detail, ended }: FailedVersion): Outcome {
  return { state: "failed", reason, detail, ended, tryLater: false, ...NO_COST };
}

/** The disk does not allow what has to come first, such as to take back another version at the path. */
export function failedForNow({ reason, message: detail, ended }: InstallFailed): Outcome {
  return { state: "failed", reason, detail, ended, tryLater: true, ...NO_COST };
}
