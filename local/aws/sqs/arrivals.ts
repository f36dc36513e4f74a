/** Wakes the receives that wait for a message. */
export type Arrivals = {
  announce(): void;
  /** Resolves at the next announcement, after `ms`, or when `signal` aborts. */
  next(ms: number, signal?: AbortSignal): Promise<void>;
  closed(): boolean;
  close(): void;
};

export function createArrivals(): Arrivals {
  const waiting = new Set<() => void>();
  let closed = false;
  const announce = () => {
    for (const wake of [...waiting]) wake();
  };
  return {
    announce,
    next(ms, signal) {
      return new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", wake);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, ms);
        signal?.addEventListener("abort", wake, { once: true });
        waiting.add(wake);
      });
    },
    closed: () => closed,
    close() {
      closed = true;
      announce();
    },
  };
}
