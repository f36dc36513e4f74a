/** A request that the control door refuses. Faults of the door itself are answered 500 instead. */
export class ControlError extends Error {
  override name = "ControlError" as const;
  readonly status: number;
  /** For programs; the message is for people. */
  readonly code: string;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    code: string,
    sentence: string,
    { headers = {}, ...options }: ErrorOptions & { headers?: Record<string, string> } = {},
  ) {
    super(sentence, options);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}
