import { PolicyError, type PolicyStatement } from "./policy-statement.ts";
import { matchesWildcard } from "./wildcard.ts";

/** Whether the condition keys that a request sets meet a statement's conditions. */
export type ConditionTest = (context: Readonly<Record<string, string>>) => boolean;

type Compare = (wanted: string, actual: string) => boolean;

/** The operators that CDK's grants and our own policies use. */
const OPERATORS = new Map<string, Compare>([
  ["StringEquals", (wanted, actual) => wanted === actual],
  ["StringLike", matchesWildcard],
  ["ArnEquals", matchesArn], // IAM defines it as the same as ArnLike
  ["ArnLike", matchesArn],
  ["Bool", (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase()],
]);

/**
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 * All keys must be met, each by one of its values; a key that the request does not set is not met.
 *
 * @throws {PolicyError} for an operator that is not evaluated here.
 */
export function compileConditions(condition: PolicyStatement["Condition"] = {}): ConditionTest {
  const tests = Object.entries(condition).flatMap(([operator, keys]) => {
    const compare = OPERATORS.get(operator);
    if (compare === undefined) {
      const known = [...OPERATORS.keys()].join(", ");
      throw new PolicyError(`the condition operator ${operator} is not evaluated here, only ${known}`);
    }
    return Object.entries(keys).map(([key, value]): ConditionTest => {
      const wanted = [value].flat().map(String);
      return (context) => {
        const actual = lookUp(context, key);
        return actual !== undefined && wanted.some((one) => compare(one, actual));
      };
    });
  });
  return (context) => tests.every((test) => test(context));
}

/** Condition keys are case-insensitive. */
function lookUp(context: Readonly<Record<string, string>>, key: string): string | undefined {
  const wanted = key.toLowerCase();
  return Object.entries(context).find(([name]) => name.toLowerCase() === wanted)?.[1];
}

/** Each of an ARN's six colon-separated parts is matched by itself, so `*` does not reach across a colon. */
function matchesArn(pattern: string, arn: string): boolean {
  const [wanted, actual] = [arnParts(pattern), arnParts(arn)];
  return wanted.every((part, index) => matchesWildcard(part, actual[index] ?? ""));
}

function arnParts(arn: string): string[] {
  const parts = arn.split(":");
  return [...parts.slice(0, 5), parts.slice(5).join(":")];
}
