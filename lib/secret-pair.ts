import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { acknowledgeNoRotation } from "./acknowledgements.ts";
import { fixLogicalId } from "./logical-id.ts";
import { WHEN_THE_STACK_GOES } from "./removal.ts";

export type SecretPairProps = {
  logicalId: string;
  description: string;
  /** Why AWS does not rotate it. */
  changedByHand: string;
};

/** A secret that is changed by hand, `{"current": …, "previous": …}`, both of which count; the first is generated. */
export function createSecretPair(scope: Construct, id: string, props: SecretPairProps): Secret {
  const secret = new Secret(scope, id, {
    description: props.description,
    removalPolicy: WHEN_THE_STACK_GOES.credentials,
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ previous: "" }),
      generateStringKey: "current",
      passwordLength: 48, // letters and digits: 285 bits, and nothing that a header or a shell would mangle
      excludePunctuation: true,
    },
  });
  fixLogicalId(secret, props.logicalId);
  acknowledgeNoRotation(secret, props.changedByHand);
  return secret;
}
