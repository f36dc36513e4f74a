import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as v from "valibot";
import type { Tokens } from "../../../protocol/bearer-token.ts";

/** Pasted tokens tend to end in a line break. */
const TokenSecret = v.object({
  current: v.pipe(v.string(), v.trim(), v.nonEmpty()),
  previous: v.optional(v.pipe(v.string(), v.trim()), ""),
});

/**
 * Reads the tokens from their secret. Errors tell nothing of what was read.
 *
 * @throws {Error} if it cannot be read, or holds something else.
 */
export async function readTokenSecret(secrets: SecretsManagerClient, arn: string): Promise<Tokens> {
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: arn }));
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), TokenSecret), SecretString);
  if (!parsed.success) throw new Error('the token secret is not {"current": token, "previous": token}');
  return parsed.output;
}
