/** The longest that a timer of Node can wait. */
const LONGEST_MS = 2 ** 31 - 1;

/** Calls `ring` when something is due. */
export type Alarm = {
  /** Looks again at what is due, after anything has changed. */
  set(): void;
  stop(): void;
};

/** @param nextDue epoch milliseconds of `clock`; undefined for nothing. */
export function createAlarm(options: {
  nextDue: () => number | undefined;
  clock: () => number;
  ring: () => void;
}): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  function set(): void {
    clearTimeout(timer);
    const due = options.nextDue();
    if (stopped || due === undefined) return;
    const wait = Math.min(LONGEST_MS, Math.max(0, due - options.clock()));
    timer = setTimeout(() => {
      options.ring();
      set();
    }, wait);
    timer.unref();
  }
  return {
    set,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
