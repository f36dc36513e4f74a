import type { AccessRequest } from "./authorize.ts";
import { type ConditionTest, compileConditions } from "./conditions.ts";
import { PolicyError, type PolicyStatement } from "./policy-statement.ts";
import { matchesWildcard } from "./wildcard.ts";

export type Decision = "allow" | "deny" | "none";

/** A policy that is ready to be asked. A matching Deny wins over every Allow. */
export type Policy = (request: AccessRequest) => Decision;

/**
 * Compiles statements attached to a principal, or to a resource with `Principal` in each.
 *
 * @throws {PolicyError} for what is not evaluated here.
 */
export function compilePolicy(
  statements: readonly PolicyStatement[],
  attachedTo: "principal" | "resource",
): Policy {
  const rules = statements.map((statement) => ({
    effect: statement.Effect,
    matches: compileStatement(statement, attachedTo),
  }));
  return (request) => {
    const matching = rules.filter(({ matches }) => matches(request));
    if (matching.some(({ effect }) => effect === "Deny")) return "deny";
    return matching.length > 0 ? "allow" : "none";
  };
}

function compileStatement(statement: PolicyStatement, attachedTo: "principal" | "resource") {
  const principal = attachedTo === "resource" ? compilePrincipal(statement.Principal) : () => true;
  const action = compileElement("Action", statement.Action, statement.NotAction, (text) =>
    text.toLowerCase(),
  );
  const resource = compileElement("Resource", statement.Resource, statement.NotResource, (text) => text);
  const condition: ConditionTest = compileConditions(statement.Condition);
  return (request: AccessRequest): boolean =>
    principal(request.principal) &&
    action(request.action) &&
    resource(request.resource) &&
    condition(request.context ?? {});
}

/** Actions are case-insensitive, resources are not: `fold` says which. */
function compileElement(
  name: string,
  wanted: string | readonly string[] | undefined,
  unwanted: string | readonly string[] | undefined,
  fold: (text: string) => string,
): (text: string) => boolean {
  if ((wanted === undefined) === (unwanted === undefined)) {
    throw new PolicyError(`a statement has either ${name} or Not${name}`);
  }
  const patterns = [wanted ?? unwanted ?? []].flat().map(fold);
  const inverted = wanted === undefined;
  return (text) => patterns.some((pattern) => matchesWildcard(pattern, fold(text))) !== inverted;
}

/** `"*"`, or `{"AWS": "*" | arn | arn[]}`; services and federated principals never call here. */
function compilePrincipal(principal: unknown): (caller: string) => boolean {
  if (principal === "*") return () => true;
  if (typeof principal !== "object" || principal === null) {
    throw new PolicyError("a statement of a resource's policy names its Principal");
  }
  const named = "AWS" in principal ? [principal.AWS].flat() : [];
  return (caller) => named.some((name) => name === "*" || name === caller);
}
