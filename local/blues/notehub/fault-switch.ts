/** Which calls a fault meets; all of them unless told otherwise. */
export type FaultScope = { calls?: number | undefined; method?: string | undefined };

/** The fault in force and how many calls it has still to meet. */
export type FaultSwitch<Fault> = {
  /** Replaces the fault in force. */
  set(fault: Fault, scope: FaultScope): void;
  clear(): void;
  /** The fault that this call meets, if any; it has then one call fewer to meet. */
  next(method: string): Fault | undefined;
};

export function createFaultSwitch<Fault>(): FaultSwitch<Fault> {
  let current: { fault: Fault; left: number; method: string | undefined } | undefined;
  return {
    set: (fault, { calls = Number.POSITIVE_INFINITY, method }) => {
      current = { fault, left: calls, method };
    },
    clear: () => {
      current = undefined;
    },
    next(method) {
      if (current === undefined || current.left === 0) return undefined;
      if (current.method !== undefined && current.method !== method) return undefined;
      current.left -= 1;
      return current.fault;
    },
  };
}
