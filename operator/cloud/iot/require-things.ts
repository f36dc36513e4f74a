import type { Deployment } from "../deployment.ts";
import { OperatorError } from "../operator-error.ts";

/** @throws {OperatorError} for a deployment without AWS IoT, which would refuse what is for things. [NF-1.1] */
export function requireThings({ name, outputs }: Deployment): void {
  if (outputs.ThingPolicyName !== undefined) return;
  throw new OperatorError("usage", `${name} reaches no things of AWS IoT: deploy it with the setting iot=on`);
}
