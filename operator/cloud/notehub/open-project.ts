import { type Deployment, outputOf } from "../deployment.ts";
import { readSecret } from "../secret-value.ts";
import { createHttpExchange } from "./http-exchange.ts";
import { type NotehubApi, openNotehubApi } from "./notehub-api.ts";

/** Notehub's API for the project of a deployment, with the token that the notifier announces with. */
export async function openProject(deployment: Deployment, signal: AbortSignal): Promise<NotehubApi> {
  const secret = await readSecret(deployment, outputOf(deployment, "NotehubSecretArn"), signal);
  return await openNotehubApi(
    createHttpExchange(deployment.aws.ca),
    { url: outputOf(deployment, "NotehubUrl"), project: outputOf(deployment, "ProjectUid"), secret },
    signal,
  );
}
