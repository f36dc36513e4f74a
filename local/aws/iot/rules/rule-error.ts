/** A rule that asks for what is not done here. Raised when the rule is loaded: at a message it would be too late. */
export class RuleError extends Error {
  override name = "RuleError" as const;
}
