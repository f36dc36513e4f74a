/** Lets at most `count` in at a time; the others wait in the order they came. */
export type Places = {
  /**
   * @returns the function that gives the place back, once.
   * @throws the signal's reason if it aborts before there is a place.
   */
  enter(signal: AbortSignal): Promise<() => void>;
};

export function createPlaces(count: number): Places {
  let free = count;
  const waiting = new Set<() => void>();

  function leave(): void {
    const [next] = waiting;
    if (next === undefined) free += 1;
    else next();
  }

  return {
    async enter(signal) {
      signal.throwIfAborted();
      if (free > 0) free -= 1;
      else await nextPlace(waiting, signal);
      let left = false;
      return () => {
        if (left) return;
        left = true;
        leave();
      };
    },
  };
}

function nextPlace(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
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
