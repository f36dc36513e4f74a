/** A call of the API, or a web request of a device, as far as faults tell them apart. */
export type Faultable = { method: string; path: string; deviceUid?: string };

/** Which calls a fault meets; all of them unless told otherwise. `path` is a part of their paths. */
export type FaultScope = { calls?: number | undefined } & {
  [Member in keyof Faultable]?: string | undefined;
};

/** The fault in force and how many calls it has still to meet. */
export type FaultSwitch<Fault> = {
  /** Replaces the fault in force. */
  set(fault: Fault, scope: FaultScope): void;
  clear(): void;
  /** The fault that this call meets, if any; it has then one call fewer to meet. */
  next(call: Faultable): Fault | undefined;
};

export function createFaultSwitch<Fault>(): FaultSwitch<Fault> {
  let current: { fault: Fault; left: number; scope: FaultScope } | undefined;
  return {
    set: (fault, scope) => {
      current = { fault, left: scope.calls ?? Number.POSITIVE_INFINITY, scope };
    },
    clear: () => {
      current = undefined;
    },
    next(call) {
      if (current === undefined || current.left === 0 || !meets(current.scope, call)) return undefined;
      current.left -= 1;
      return current.fault;
    },
  };
}

function meets({ method, path, deviceUid }: FaultScope, call: Faultable): boolean {
  if (method !== undefined && method !== call.method) return false;
  if (deviceUid !== undefined && deviceUid !== call.deviceUid) return false;
  return path === undefined || call.path.includes(path) || decoded(call.path).includes(path);
}

/** A colon of a UID may come as `%3A`. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
