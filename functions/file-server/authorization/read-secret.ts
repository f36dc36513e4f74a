import * as v from "valibot";
import { parseSecretPair, type SecretPair } from "../../../protocol/secret-pair.ts";
import { type AwsSender, readAtMost } from "../aws/aws-sender.ts";
import { SecretRevoked } from "./secret-revoked.ts";

/** Bytes of a secret's value that Secrets Manager can hold, with room for the JSON around it. */
const REPLY_MAX_BYTES = 256 * 1024;

/** Answers by which whoever owns the secret takes it away; a secret that is to be deleted is an invalid request. */
const REVOKING = /(?:^|#)(?:ResourceNotFoundException|AccessDeniedException|InvalidRequestException)$/;

const Failure = v.object({ __type: v.pipe(v.string(), v.regex(/^[\w.#]{1,200}$/)) });
const SecretValue = v.object({ SecretString: v.string() });

/** Which secret, and what the log calls it. */
export type Secret = { name: string; arn: string };

/**
 * Reads a secret, `{"current": …, "previous": …}`. Errors tell nothing of what was read.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 *
 * @throws {SecretRevoked} if it is gone, closed to us, or holds something else; {Error} if it cannot be read now.
 */
export async function readSecret(send: AwsSender, secret: Secret, timeoutMs: number): Promise<SecretPair> {
  const response = await send({
    method: "POST",
    path: "/",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "secretsmanager.GetSecretValue",
    },
    body: JSON.stringify({ SecretId: secret.arn }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const body = parseJson((await readAtMost(response, REPLY_MAX_BYTES)).toString());
  if (response.statusCode !== 200) {
    const reason = v.is(Failure, body) ? body.__type : "an unreadable error";
    const sentence = `Secrets Manager answered ${response.statusCode} ${reason} to GetSecretValue of the ${secret.name}`;
    throw REVOKING.test(reason) ? new SecretRevoked(sentence) : new Error(sentence);
  }
  if (!v.is(SecretValue, body))
    throw new SecretRevoked("Secrets Manager answered GetSecretValue without a SecretString");
  const pair = parseSecretPair(body.SecretString);
  if (pair === undefined) throw new SecretRevoked(`the ${secret.name} is not {"current": …, "previous": …}`);
  return pair;
}

/** Undefined instead of an error: a SyntaxError's message quotes what it could not read. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
