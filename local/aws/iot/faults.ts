import { IotError } from "./iot-error.ts";

/** `throttle`, `unavailable` and `invalid` are refused without being carried out; `lose-reply` is carried out and not answered. */
export type IotFaultKind = "throttle" | "unavailable" | "invalid" | "lose-reply";

/**
 * Faults put in force by tests. Requests are named by what a policy calls them, such as `iot:CreateJob`; those over MQTT by their action
 * over HTTPS, such as `iotjobsdata:UpdateJobExecution`.
 */
export type IotFaults = {
  /** The next `calls` requests, default 1, of that action or of any. */
  inject(kind: IotFaultKind, scope?: { action?: string; calls?: number }): void;
  clear(): void;
};

export type FaultsInForce = IotFaults & {
  /** Takes the fault of this request. @returns whether its reply is lost. @throws {IotError} */
  meet(action: string): boolean;
};

export function createFaults(): FaultsInForce {
  let inForce: { kind: IotFaultKind; action: string | undefined; left: number }[] = [];
  return {
    inject(kind, { action, calls = 1 } = {}) {
      inForce.push({ kind, action, left: calls });
    },
    clear() {
      inForce = [];
    },
    meet(action) {
      const fault = inForce.find((each) => each.left > 0 && (each.action ?? action) === action);
      if (fault === undefined) return false;
      fault.left -= 1;
      if (fault.kind === "throttle") throw new IotError("RequestThrottled", "Rate exceeded");
      if (fault.kind === "unavailable")
        throw new IotError("ServiceUnavailable", "the service is not available");
      if (fault.kind === "invalid") throw new IotError("InvalidRequest", "the request is not valid");
      return true;
    },
  };
}
