/** An error that the caller is told, in the form that the SDKs read. Faults inside are never told like this. */
export class AwsError extends Error {
  override name = "AwsError" as const;
  /** The shape of the service's model, such as `com.amazonaws.sqs#QueueDoesNotExist`. */
  readonly type: string;
  readonly status: number;
  /** The name of the error for clients of a service that once spoke AWS Query. */
  readonly queryCode: string | undefined;

  constructor(type: string, message: string, options: { status?: number; queryCode?: string } = {}) {
    super(message);
    this.type = type;
    this.status = options.status ?? 400;
    this.queryCode = options.queryCode;
  }
}
