/** What may be wrong with a request, whichever way it came; each way has words of its own for it. */
export type IotFault =
  | "InvalidTopic"
  | "InvalidJson"
  | "InvalidRequest"
  | "InvalidStateTransition"
  | "ResourceNotFound"
  | "ResourceAlreadyExists"
  | "LimitExceeded"
  | "VersionMismatch"
  | "RequestThrottled"
  | "ServiceUnavailable"
  | "TerminalStateReached";

/** A refusal that the caller is told. Faults inside are never told like this. */
export class IotError extends Error {
  override name = "IotError" as const;
  readonly fault: IotFault;
  /** Members of the reply besides the message, such as `executionState`. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(fault: IotFault, message: string, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.fault = fault;
    this.members = members;
  }
}
