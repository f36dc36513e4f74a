import { PolicyStatement } from "aws-cdk-lib/aws-iam";

/** An environment variable, together with what the function may do with the thing that it names. */
type Wire = { readonly value: string; readonly grants?: readonly PolicyStatement[] };

/** A wire for each variable of an `env.ts`, so that neither a variable nor its grant can be forgotten. */
export type Wiring<Env> = { readonly [Name in keyof Env]: Wire };

export function allow(actions: readonly string[], resource: string): PolicyStatement {
  return new PolicyStatement({ actions: [...actions], resources: [resource] });
}

/** A wiring whose variables are no longer told apart. */
export type AnyWiring = { readonly [name: string]: Wire | undefined };

export function variablesOf(wiring: AnyWiring): Record<string, string> {
  return Object.fromEntries(
    Object.entries(wiring).flatMap(([name, wire]) => (wire === undefined ? [] : [[name, wire.value]])),
  );
}

export function grantsOf(wiring: AnyWiring): PolicyStatement[] {
  return Object.values(wiring).flatMap((wire) => wire?.grants ?? []);
}
