/** An error that the caller is told, in the form that the SDKs read. Faults of ours are not among these. */
export class AwsError extends Error {
  override name = "AwsError" as const;
  /** The shape of the service's model, such as `com.amazonaws.sqs#QueueDoesNotExist`. */
  readonly type: string;
  readonly status: number;
  /** The name under which clients of a service that once spoke AWS Query know it. */
  readonly queryCode: string | undefined;

  constructor(type: string, message: string, options: { status?: number; queryCode?: string } = {}) {
    super(message);
    this.type = type;
    this.status = options.status ?? 400;
    this.queryCode = options.queryCode;
  }
}
