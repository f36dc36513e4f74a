import type { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { createSecretPair } from "./secret-pair.ts";

/** A secret with the bearer tokens of a Notehub route, `{"current": token, "previous": token}`. */
export function createTokenSecret(scope: Construct, logicalId: string, routeName: string): Secret {
  return createSecretPair(scope, "TokenSecret", {
    logicalId,
    description: `Bearer tokens of the Notehub ${routeName}: current, and previous while it is being changed`,
    changedByHand:
      "Notehub's route holds the same token and is changed by hand; both tokens are accepted meanwhile.",
  });
}
