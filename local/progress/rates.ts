import { formatBytes } from "../../operator/words/format-bytes.ts";

/** Milliseconds before a rate says anything. */
const TOO_SOON_MS = 500;

/** How fast transfers go, each from the first that was told of it on. */
export type Rates = {
  /** The rate and the time left, once there is something to say. */
  tell(transfer: string, bytes: number, size: number): string[];
  /** Whether another tenth of it is under way than when this was asked last. @param share from 0 to 1 */
  entersTenth(transfer: string, share: number): boolean;
  end(transfer: string): void;
};

/** @param now milliseconds, monotonic */
export function createRates(now: () => number): Rates {
  const began = new Map<string, { at: number; bytes: number }>();
  const tenths = new Map<string, number>();
  return {
    tell(transfer, bytes, size) {
      const first = began.get(transfer);
      if (first === undefined || bytes < first.bytes) {
        began.set(transfer, { at: now(), bytes });
        return [];
      }
      const elapsed = now() - first.at;
      const rate = ((bytes - first.bytes) / elapsed) * 1000;
      if (elapsed < TOO_SOON_MS || rate <= 0) return [];
      return [`${formatBytes(Math.round(rate))}/s`, `${duration((size - bytes) / rate)} left`];
    },
    entersTenth(transfer, share) {
      const tenth = Math.min(9, Math.floor(share * 10)); // the end is told by what follows it
      const isNew = tenths.get(transfer) !== tenth;
      tenths.set(transfer, tenth);
      return isNew;
    },
    end(transfer) {
      began.delete(transfer);
      tenths.delete(transfer);
    },
  };
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
