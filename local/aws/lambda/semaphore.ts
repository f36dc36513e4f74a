/** Lets at most `count` in at a time; the others wait in the order they came. */
export type Semaphore = {
  /**
   * @returns the function that lets the next one in; calling it again does nothing.
   * @throws the signal's reason if it aborts while waiting.
   */
  acquire(signal: AbortSignal): Promise<() => void>;
};

export function createSemaphore(count: number): Semaphore {
  let free = count;
  const waiting = new Set<() => void>();

  function release(): void {
    const [next] = waiting;
    if (next === undefined) free += 1;
    else next();
  }

  return {
    async acquire(signal) {
      signal.throwIfAborted();
      if (free > 0) free -= 1;
      else await waitForTurn(waiting, signal);
      let released = false;
      return () => {
        if (released) return;
        released = true;
        release();
      };
    },
  };
}

function waitForTurn(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      waiting.delete(take);
      reject(signal.reason);
    };
    const take = () => {
      waiting.delete(take);
      signal.removeEventListener("abort", giveUp);
      resolve();
    };
    waiting.add(take);
    signal.addEventListener("abort", giveUp, { once: true });
  });
}
