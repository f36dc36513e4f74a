import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { acknowledgeNoRotation } from "./acknowledgements.ts";
import { fixLogicalId } from "./logical-id.ts";
import { WHEN_THE_STACK_GOES } from "./removal.ts";

/** A secret with the bearer tokens of a Notehub route, `{"current": token, "previous": token}`; the first is generated. */
export function createTokenSecret(scope: Construct, logicalId: string, routeName: string): Secret {
  const secret = new Secret(scope, "TokenSecret", {
    description: `Bearer tokens of the Notehub ${routeName}: current, and previous while it is being changed`,
    removalPolicy: WHEN_THE_STACK_GOES.credentials,
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ previous: "" }),
      generateStringKey: "current",
      passwordLength: 48, // letters and digits: 285 bits, and nothing that a header or a shell would mangle
      excludePunctuation: true,
    },
  });
  fixLogicalId(secret, logicalId);
  acknowledgeNoRotation(
    secret,
    "Notehub's route holds the same token and is changed by hand; both tokens are accepted meanwhile.",
  );
  return secret;
}
