import { RemovalPolicy } from "aws-cdk-lib";

/**
 * What becomes of things when the stack is deleted, or a deployment replaces them: all of it is decided here.
 *
 * - **files, their packed forms, announcements, the delivery table stay**: nobody could make them again, and a stack is deleted by one wrong word.
 * - **credentials go**: a token that nobody uses any more is one that nobody watches. Secrets Manager keeps what it deletes
 *   for 30 days, so a slip can be undone; a new stack makes new tokens, which its routes have to be given in any case,
 *   since their URL is new too.
 * - **logs go**: they expire anyway, and nobody needs them once the stack is gone.
 */
export const WHEN_THE_STACK_GOES = {
  data: RemovalPolicy.RETAIN,
  credentials: RemovalPolicy.DESTROY,
  logs: RemovalPolicy.DESTROY,
} as const;
