/** A reason as it is shown: `run (exit 3)`. Programs find both in `--json`. */
export function reasonText(reason: string | undefined, ended: string | undefined): string {
  if (reason === undefined) return "";
  return ended === undefined ? reason : `${reason} (${ended})`;
}
