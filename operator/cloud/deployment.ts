import { OperatorError } from "./operator-error.ts";

/** Settings that every client of the AWS SDK takes; what is absent it finds by itself, as the AWS CLI does. */
export type ClientSettings = {
  region?: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
  /** PEM of the CA behind the endpoint. */
  ca?: string;
};

/** A Noteferry that is deployed, or runs on this machine. */
export type Deployment = {
  /** What messages call it. */
  name: string;
  /** True for the one that `npm start` runs: it has no CloudFormation and no alarms. */
  local: boolean;
  /** The stack's outputs. */
  outputs: Readonly<Record<string, string>>;
  aws: ClientSettings;
  /** Of the CA behind a stack on this machine: what other programs need to reach it. */
  caFile?: string;
  /** S3 has an address of its own on this machine. */
  s3: ClientSettings;
};

/** @throws {OperatorError} `not-found` for an output that an older deployment lacks. */
export function outputOf({ name, outputs }: Deployment, output: string): string {
  const value = outputs[output];
  if (value !== undefined) return value;
  throw new OperatorError(
    "not-found",
    `${name} has no output ${output}: wait until its deployment has ended, or deploy it again with this version`,
  );
}
