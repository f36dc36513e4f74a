import { explainAwsFailure } from "./aws-failure.ts";
import { OperatorError } from "./operator-error.ts";

export type Environment = Readonly<Partial<Record<string, string>>>;

/** The region that the AWS CLI would take from the environment; the SDK does not know AWS_DEFAULT_REGION. */
export function regionOf({ AWS_REGION = "", AWS_DEFAULT_REGION = "" }: Environment): string | undefined {
  return [AWS_REGION, AWS_DEFAULT_REGION].find((region) => region !== "");
}

/** The variable that points an AWS service at this machine, as the local stack's `aws.env` does. */
export function variableThatPointsHere(env: Environment): string | undefined {
  return Object.keys(env).find((name) => /^AWS_ENDPOINT_URL(?:_|$)/.test(name) && isLoopback(env[name]));
}

function isLoopback(url = ""): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

/** Adds to a failure to find a stack in AWS what a person may have meant instead. */
export function withHint(error: unknown, env: Environment, onlyAws = false): unknown {
  const known = error instanceof OperatorError ? error : explainAwsFailure(error);
  if (known === undefined) return error;
  const hint = hintFor(known, env, onlyAws);
  if (hint === undefined) return error;
  const { code, message, mayPass, lines } = known;
  return new OperatorError(code, `${message}; ${hint}`, { cause: error, mayPass, lines });
}

function hintFor({ code, mayPass }: OperatorError, env: Environment, onlyAws: boolean): string | undefined {
  const local = onlyAws
    ? "what npm start runs on this machine ends with Ctrl-C there, and what it keeps is a folder (.noteferry)"
    : "the stack that npm start runs on this machine is meant by --local";
  const variable = variableThatPointsHere(env);
  if (variable !== undefined) return `${variable} points at this machine: ${local}`;
  if (code !== "auth") return local;
  const profile = env.AWS_PROFILE ?? "";
  if (profile !== "") return `AWS_PROFILE is ${profile}`;
  return mayPass ? local : undefined; // AWS has answered: it is AWS that is meant
}
