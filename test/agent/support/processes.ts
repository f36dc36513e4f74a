import { readFileSync } from "node:fs";

/** Whether a process runs. One that has ended may stay in the table, where nobody looks after orphans. */
export function lives(pid: number | undefined): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}
