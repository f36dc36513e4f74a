import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { clientConfig } from "./client-config.ts";
import type { Deployment } from "./deployment.ts";

/** The text of a secret; undefined if it has none yet. */
export async function readSecret(
  { aws }: Deployment,
  arn: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const client = new SecretsManagerClient(clientConfig(aws));
  try {
    const reply = await client.send(new GetSecretValueCommand({ SecretId: arn }), { abortSignal: signal });
    return reply.SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined; // also of a secret without a value
    throw error;
  } finally {
    client.destroy();
  }
}
