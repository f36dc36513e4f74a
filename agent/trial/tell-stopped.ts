import type { Receipt } from "../../protocol/receipt.ts";
import type { Emit } from "../events/delivery-event.ts";
import type { InstalledFiles } from "../state/installed-files.ts";
import type { ProgramEnd } from "./launch.ts";
import { isWorthAReceipt } from "./restarts.ts";
import type { StoppedPrograms } from "./stopped-programs.ts";

/** Told how the programs do that nobody watches any more. */
export type ProgramNews = {
  /** It ended by itself. @param restartMs milliseconds until it is started again; undefined if it is not. */
  stopped(filePath: string, end: ProgramEnd, restartMs: number | undefined): void;
  /** It is about to be started again. */
  restarting(filePath: string, command: string[]): void;
  /** It runs, has done its work, or is not wanted any more. */
  well(filePath: string): void;
};

/** What a stop is told by: an event each time, the record for `status`, and receipts, of which there are few. [NF-9.6] */
export function createProgramNews(
  { installed, stopped }: { installed: Pick<InstalledFiles, "all">; stopped: StoppedPrograms },
  emit: Emit,
  report: (receipt: Receipt) => void,
): ProgramNews {
  const told = new Map<string, { sha256: string; stops: number; receiptAt: number }>();

  function count(filePath: string, sha256: string): { stops: number; receipt: boolean } {
    const now = performance.now();
    const before = told.get(filePath);
    const known = before?.sha256 === sha256 ? before : { sha256, stops: 0, receiptAt: now };
    const stops = known.stops + 1;
    const receipt = isWorthAReceipt(stops, now - known.receiptAt);
    told.set(filePath, { sha256, stops, receiptAt: receipt ? now : known.receiptAt });
    return { stops, receipt };
  }

  return {
    stopped(filePath, { reason, detail }, restartMs) {
      const { name, sha256 } = installed.all().get(filePath) ?? { name: filePath, sha256: "" };
      const { stops, receipt } = count(filePath, sha256);
      const again = restartMs === undefined ? {} : { restartSeconds: restartMs / 1000 };
      emit({ event: "stopped", name, path: filePath, reason, detail, ...again });
      // A receipt names a version: where the record was lost, there is none to name.
      if (receipt && sha256 !== "") report({ name, sha256, state: "stopped", reason, bytes: 0, requests: 0 });
      const stoppedAt = new Date().toISOString();
      const restart = restartMs !== undefined;
      // If the disk takes none of this, only `status` is less well informed.
      void stopped
        .set(filePath, { sha256, reason, detail, stoppedAt, stops, restart })
        .catch(() => undefined);
    },
    restarting(filePath, command) {
      const name = installed.all().get(filePath)?.name ?? filePath;
      emit({ event: "running", name, path: filePath, command });
    },
    well(filePath) {
      void stopped.delete(filePath).catch(() => undefined);
    },
  };
}
