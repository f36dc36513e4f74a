import * as v from "valibot";
import { isPresentable, type Tokens } from "../../../protocol/bearer-token.ts";
import { type AwsSender, readAtMost } from "../aws/aws-sender.ts";
import { TokensRevoked } from "./tokens-revoked.ts";

/** Bytes of a secret's value that Secrets Manager can hold, with room for the JSON around it. */
const REPLY_MAX_BYTES = 256 * 1024;

/** Answers by which whoever owns the secret takes it away; a secret that is to be deleted is an invalid request. */
const REVOKING = /(?:^|#)(?:ResourceNotFoundException|AccessDeniedException|InvalidRequestException)$/;

const Failure = v.object({ __type: v.pipe(v.string(), v.regex(/^[\w.#]{1,200}$/)) });
const SecretValue = v.object({ SecretString: v.string() });
/** Pasted tokens tend to end in a line break. */
const TokenSecret = v.object({
  current: v.pipe(v.string(), v.trim(), v.nonEmpty()),
  previous: v.optional(v.pipe(v.string(), v.trim()), ""),
});

/**
 * Reads the tokens from their secret, `{"current": …, "previous": …}`. Errors tell nothing of what was read.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 *
 * @param onUnusable told which tokens no header can carry; they come back empty
 * @throws {TokensRevoked} if it is gone, closed to us, or holds something else; {Error} if it cannot be read now.
 */
export async function readTokenSecret(
  send: AwsSender,
  secretArn: string,
  timeoutMs: number,
  onUnusable: (names: (keyof Tokens)[]) => void,
): Promise<Tokens> {
  const response = await send({
    method: "POST",
    path: "/",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "secretsmanager.GetSecretValue",
    },
    body: JSON.stringify({ SecretId: secretArn }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const body = parseJson((await readAtMost(response, REPLY_MAX_BYTES)).toString());
  if (response.statusCode !== 200) {
    const reason = v.is(Failure, body) ? body.__type : "an unreadable error";
    const sentence = `Secrets Manager answered ${response.statusCode} ${reason} to GetSecretValue`;
    throw REVOKING.test(reason) ? new TokensRevoked(sentence) : new Error(sentence);
  }
  if (!v.is(SecretValue, body))
    throw new TokensRevoked("Secrets Manager answered GetSecretValue without a SecretString");
  const tokens = v.safeParse(TokenSecret, parseJson(body.SecretString));
  if (!tokens.success)
    throw new TokensRevoked('the token secret is not {"current": token, "previous": token}');
  return withoutUnusable(tokens.output, onUnusable);
}

function withoutUnusable(tokens: Tokens, onUnusable: (names: (keyof Tokens)[]) => void): Tokens {
  const names = (["current", "previous"] as const).filter((name) => {
    return tokens[name] !== "" && !isPresentable(tokens[name]);
  });
  if (names.length > 0) onUnusable(names);
  return { ...tokens, ...Object.fromEntries(names.map((name) => [name, ""])) };
}

/** Undefined instead of an error: a SyntaxError's message quotes what it could not read. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
