/** Characters of a reason, which may quote what somebody else wrote; a longer one would fill a log and a screen. */
const REASON_MAX = 300;

/** The beginning of a reason, well-formed. */
export function shortReason(reason: string): string {
  return reason.slice(0, REASON_MAX).toWellFormed();
}
