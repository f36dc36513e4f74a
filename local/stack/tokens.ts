import * as v from "valibot";
import type { Secrets } from "../aws/secrets-manager/secrets.ts";
import type { Deployment } from "../template/deployment.ts";
import { TemplateError } from "../template/intrinsics.ts";

const TokenSecret = v.object({ current: v.pipe(v.string(), v.nonEmpty()) });

/** Does what a person does after `cdk deploy`: stores the Notehub token in the notifier's secret. */
export async function storeNotehubToken(
  deployment: Deployment,
  secrets: Secrets,
  token: string,
): Promise<void> {
  const value = JSON.stringify({ token });
  const arn = secretOf(deployment, "NOTEHUB_SECRET_ARN");
  if (secrets.get(arn) !== value) await secrets.put(arn, value);
}

/** The token that the template had generated for the route to this function. */
export function routeTokenOf(deployment: Deployment, secrets: Secrets, functionId: string): string {
  const value = secrets.get(secretOf(deployment, "TOKEN_SECRET_ARN", functionId));
  return v.parse(TokenSecret, JSON.parse(value)).current;
}

/** The secret that a function finds under this variable. */
function secretOf(deployment: Deployment, variable: string, functionId?: string): string {
  for (const { id, environment } of deployment.functions) {
    const arn = functionId === undefined || id === functionId ? environment[variable] : undefined;
    if (arn !== undefined) return arn;
  }
  throw new TemplateError(`no function of the template has the variable ${variable}`);
}
