import { isOfFleet, type Narration } from "./narration.ts";
import { type Line, summarise } from "./summarise.ts";

/** Milliseconds after the first of a kind in which others are told together with it. */
const WINDOW_MS = 2_000;

/** A burst that grows is waited for, so many windows at most: receipts of a fleet come in over some seconds. */
const MOST_WINDOWS = 5;

/** So many of a kind are still told one by one. */
const FEW = 3;

/** Lines that say the same of several devices, or of several files of a fleet. */
type Burst = { kind: string; lines: Map<string, Narration>; windows: number; before: number };

/** Lines of several devices or files, of which many of the same are told as one. */
export type Bursts = {
  add(narration: Narration): void;
  /** Tells at once what is still being gathered. */
  flush(): void;
};

/** @param devices how many there are */
export function gatherBursts(devices: number, print: (line: Line) => void, windowMs = WINDOW_MS): Bursts {
  const bursts = new Map<string, Burst>();
  /** The devices that had a file since its upload, by kind and key. */
  const had = new Map<string, Map<string, Set<string>>>();
  let timer: NodeJS.Timeout | undefined;

  /** Takes note of who has it now. @returns how many had it before, and have it since, all files taken together */
  function note({ kind, lines }: Burst): { before: number; after: number } {
    const known = had.get(kind) ?? new Map<string, Set<string>>();
    had.set(kind, known);
    const keys = new Set([...lines.values()].map(({ key }) => key));
    const total = () => [...keys].reduce((sum, key) => sum + (known.get(key)?.size ?? 0), 0);
    const before = total();
    for (const { key, part } of lines.values()) {
      const its = known.get(key) ?? new Set();
      known.set(key, its.add(part?.device ?? ""));
    }
    return { before, after: total() };
  }

  /** Whether more of many is still coming; progress is told all the same. */
  function grows(burst: Burst): boolean {
    const { lines, before } = burst;
    burst.windows += 1;
    burst.before = lines.size;
    const isMore = lines.size > Math.max(FEW, before) && burst.windows < MOST_WINDOWS;
    return isMore && ![...lines.values()].every(({ transient }) => transient);
  }

  function flush(isDone: (burst: Burst) => boolean = () => true): void {
    clearTimeout(timer);
    timer = undefined;
    for (const [kind, burst] of bursts) {
      if (!isDone(burst)) continue;
      bursts.delete(kind);
      const { before, after } = note(burst);
      const lines = [...burst.lines.values()];
      // The last ones of many belong to them; of what comes to one of them again, its own line says more.
      const few = lines.length <= FEW && (before <= FEW || before === after);
      if (few) for (const line of lines) print(line);
      else print(summarise(lines, after, devices));
    }
    if (bursts.size > 0) wait();
  }

  function wait(): void {
    timer ??= setTimeout(() => flush((burst) => !grows(burst)), windowMs).unref();
  }

  return {
    add(narration) {
      const { what, key, part } = narration;
      if (what === "uploaded") for (const known of had.values()) known.delete(key);
      if (part === undefined) {
        // What is told of a fleet follows from the uploads before.
        if ([...bursts.values()].some(({ kind }) => kind.startsWith(UPLOADS))) flush();
        return print(narration);
      }
      const kind = JSON.stringify([what, isOfFleet(key) ? key.split("/", 2) : key, part.detail]);
      const burst = bursts.get(kind) ?? { kind, lines: new Map(), windows: 0, before: 0 };
      bursts.set(kind, burst);
      burst.lines.set(JSON.stringify([key, part.device]), narration); // of one file of one device the newest
      wait();
    },
    flush: () => flush(),
  };
}

const UPLOADS = '["uploaded",';
