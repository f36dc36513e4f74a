import type { Authorize } from "./authorize.ts";
import { compilePolicy, type Policy } from "./evaluate-policy.ts";
import type { PolicyStatement } from "./policy-statement.ts";

/** The person at this machine, who may do everything that no resource's policy denies. */
export const ROOT = "root";

/**
 * Evaluates the policies of roles, and those of resources, as IAM does within one account: what is denied anywhere is
 * denied; else it must be allowed somewhere.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 *
 * @throws {PolicyError} for a statement that cannot be evaluated here.
 */
export function createAuthorizer(
  rolePolicies: readonly { principal: string; statements: readonly PolicyStatement[] }[],
  resourceStatements: readonly PolicyStatement[] = [],
): Authorize {
  const policies = new Map<string, Policy[]>();
  for (const { principal, statements } of rolePolicies) {
    policies.set(principal, [...(policies.get(principal) ?? []), compilePolicy(statements, "principal")]);
  }
  const ofResources = compilePolicy(resourceStatements, "resource");
  return (request) => {
    const decisions = [...(policies.get(request.principal) ?? []), ofResources].map((policy) =>
      policy(request),
    );
    if (decisions.includes("deny")) return false;
    return request.principal === ROOT || decisions.includes("allow");
  };
}
