/** What can be wrong with Notehub's API. */
export type ApiFault =
  /** Answers, after a while. */
  | { kind: "slow"; milliseconds: number }
  /** Connections are refused, until the fault is cleared. */
  | { kind: "refuse" }
  /** The connection is reset before anything is done. */
  | { kind: "reset" }
  | { kind: "rate-limit"; retryAfterSeconds: number }
  /** Answers this status and does nothing. */
  | { kind: "status"; status: number }
  /** Does nothing, and answers 200 with bytes that are no JSON. */
  | { kind: "garbage" }
  /** Never answers, and does nothing. */
  | { kind: "hang" }
  /** Does what was asked, then resets the connection instead of answering. */
  | { kind: "lose-reply" };

/** Which calls a fault meets; all of them unless told otherwise. */
export type FaultScope = { calls?: number; method?: string };

export type ApiFaults = {
  /** Replaces the fault in force. Resolves once the new one is. */
  inject(fault: ApiFault, scope?: FaultScope): Promise<void>;
  clear(): Promise<void>;
};

/** The fault in force and how many calls it has still to meet. */
export type FaultSwitch = {
  set(fault: ApiFault, scope: FaultScope): void;
  clear(): void;
  /** The fault that this call meets, if any; it has then one call fewer to meet. */
  next(method: string): ApiFault | undefined;
};

export function createFaultSwitch(): FaultSwitch {
  let current: { fault: ApiFault; left: number; method: string | undefined } | undefined;
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
