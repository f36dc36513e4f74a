/** One operation of an AWS service that speaks AWS JSON. */
export type Operation = {
  /** What a policy calls it, such as `sqs:SendMessage`. */
  action: string;
  /** ARN that a policy decides about. @throws {AwsError} if the input names nothing that exists. */
  resource(input: unknown): string;
  /** `signal` aborts when the caller has gone. @throws {AwsError} for an input that the service refuses. */
  run(input: unknown, signal: AbortSignal): unknown;
};

/** A request that was answered: `target` is its `X-Amz-Target`, or of a service that speaks REST the action, such as `iot:CreateJob`. `output` is undefined where the service refused it. */
export type AnsweredRequest = { principal: string; target: string; input: unknown; output: unknown };

/** By `X-Amz-Target`, such as `AmazonSQS.SendMessage`. */
export type Operations = Readonly<Record<string, Operation>>;
