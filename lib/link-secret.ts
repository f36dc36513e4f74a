import type { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { createSecretPair } from "./secret-pair.ts";

/** The secret under which links are signed, `{"current": text, "previous": text}`. */
export function createLinkSecret(scope: Construct): Secret {
  return createSecretPair(scope, "LinkSecret", {
    logicalId: "LinkSecret",
    description: "Signs links to files: current, and previous while links that it signed shall work on",
    changedByHand: "Changing it ends the links that were given out, which is for a person to decide.",
  });
}
