import { STATUS_CODES } from "node:http";

/** A call that Notehub refuses. Faults of the stand-in itself are answered 500 instead. */
export class ApiError extends Error {
  override name = "ApiError" as const;
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, sentence: string, retryAfterSeconds?: number, options?: ErrorOptions) {
    super(sentence, options);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The body of an error: `Error` in Notehub's OpenAPI document. */
export function errorBody(status: number, sentence: string): { err: string; code: number; status: string } {
  return { err: sentence, code: status, status: STATUS_CODES[status] ?? "" };
}
