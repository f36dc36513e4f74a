import { PolicyStatement } from "aws-cdk-lib/aws-iam";

/** An environment variable, together with what the function may do with the thing that it names. */
type Wire<Value> = { readonly value: Value; readonly grants?: readonly PolicyStatement[] };

/**
 * A wire for each variable of an `env.ts`, so that neither a variable nor its grant can be forgotten. One that the
 * function can do without may have no value, and is not set then.
 */
export type Wiring<Env> = { readonly [Name in keyof Env]-?: Wire<Env[Name]> };

export function allow(actions: readonly string[], resource: string): PolicyStatement {
  return new PolicyStatement({ actions: [...actions], resources: [resource] });
}

/** For an event source mapping, which calls SQS as the function. */
export function allowPolling(queueArn: string): PolicyStatement {
  return allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], queueArn);
}

/** The wiring of any function. */
export type AnyWiring = { readonly [name: string]: Wire<string | undefined> };

export function variablesOf(wiring: AnyWiring): Record<string, string> {
  return Object.fromEntries(
    Object.entries(wiring).flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]])),
  );
}

export function grantsOf(wiring: AnyWiring): PolicyStatement[] {
  return Object.values(wiring).flatMap(({ grants }) => grants ?? []);
}
