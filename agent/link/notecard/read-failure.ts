import { LineError, type LineErrorCode } from "../../notecard/line-error.ts";
import { NotecardError } from "../../notecard/notecard-error.ts";
import { FetchFailed, type FetchFailure } from "../fetch-failed.ts";

/** Codes that a Notecard or Notehub puts into `err`. A map, since an object would know a code such as `{constructor}`. */
const BY_CODE: ReadonlyMap<string, FetchFailure> = new Map([
  ["hub-mode", "mode"],
  ["hub-not-connected", "offline"],
  ["not-connected", "offline"],
  ["disconnected", "offline"],
  ["network", "offline"],
  ["network-timeout", "offline"],
  ["host-unreachable", "busy"],
  ["internal-timeout", "timeout"],
  ["receive-timeout", "timeout"],
  ["route-timeout", "timeout"],
  ["timeout", "timeout"],
  ["route-config", "route"],
  ["too-big", "too-big"],
  ["web-payload", "damaged"],
  ["bad-bin", "damaged"],
  ["not-json", "damaged"],
  ["not-supported", "rejected"],
  ["incompatible", "rejected"],
  ["syntax", "rejected"],
]);

/** A line that cuts a reply off is too slow or too full: fewer bytes may do. */
const BY_LINE: Readonly<Record<LineErrorCode, FetchFailure | undefined>> = {
  timeout: "timeout",
  "cut-off": "timeout",
  "too-long": "too-big",
  garbled: "damaged",
  "out-of-step": undefined,
};

/** What went wrong in a transaction for a fetch; undefined if that does not concern the fetch. */
export function failureOfTransaction(error: unknown): FetchFailed | undefined {
  if (error instanceof NotecardError) {
    // Without a code we know, as with "web operations require being online (hub.set)", waiting is the best guess.
    const reason = reasonOf(error) ?? "offline";
    return new FetchFailed(reason, `the Notecard says: ${error.message}`, { cause: error });
  }
  if (error instanceof LineError) {
    const reason = BY_LINE[error.code];
    return reason === undefined ? undefined : new FetchFailed(reason, error.message, { cause: error });
  }
  return undefined;
}

/** True if the Notecard refused for an unknown reason, and not for its connection. */
export function isUnexplained({ cause }: FetchFailed): boolean {
  return (
    cause instanceof NotecardError && reasonOf(cause) === undefined && !/online|connect/i.test(cause.message)
  );
}

function reasonOf({ codes }: NotecardError): FetchFailure | undefined {
  return codes.map((code) => BY_CODE.get(code)).find((reason) => reason !== undefined);
}
