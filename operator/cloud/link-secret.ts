import { parseSecretPair } from "../../protocol/secret-pair.ts";
import { type Deployment, outputOf } from "./deployment.ts";
import { OperatorError } from "./operator-error.ts";
import { readSecret } from "./secret-value.ts";

/** The secret under which a deployment's links are signed now. @throws {OperatorError} */
export async function currentLinkSecret(deployment: Deployment, signal: AbortSignal): Promise<string> {
  const pair = parseSecretPair(await readSecret(deployment, outputOf(deployment, "LinkSecretArn"), signal));
  if (pair !== undefined) return pair.current;
  throw new OperatorError(
    "fault",
    'the secret of the output LinkSecretArn holds nothing to sign with: store {"current": "…", "previous": ""} in it',
  );
}
