/** Wakes the courier for what comes from elsewhere than the link. */
export type Bell = {
  ring(): void;
  /** Runs a task whose signal aborts when the bell rings or `signal` aborts. A ring since the last task counts too. */
  until(signal: AbortSignal, task: (either: AbortSignal) => Promise<void>): Promise<void>;
};

export function createBell(): Bell {
  let rung = false;
  let wake = () => {};
  return {
    ring() {
      rung = true;
      wake();
    },
    async until(signal, task) {
      const either = new AbortController();
      wake = () => either.abort();
      if (rung || signal.aborted) wake();
      signal.addEventListener("abort", wake, { once: true });
      try {
        await task(either.signal);
      } finally {
        signal.removeEventListener("abort", wake);
        wake = () => {};
        rung = false;
      }
    },
  };
}
