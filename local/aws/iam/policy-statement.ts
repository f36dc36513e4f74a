import * as v from "valibot";

const OneOrMore = v.union([v.string(), v.array(v.string())]);
const ConditionValue = v.union([v.string(), v.boolean(), v.array(v.string())]);

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html, with every intrinsic resolved. */
export const PolicyStatement = v.strictObject({
  Sid: v.optional(v.string()),
  Effect: v.picklist(["Allow", "Deny"]),
  Principal: v.optional(v.unknown()),
  Action: v.optional(OneOrMore),
  NotAction: v.optional(OneOrMore),
  Resource: v.optional(OneOrMore),
  NotResource: v.optional(OneOrMore),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), ConditionValue))),
});

/** Only policies of resources name a `Principal`. */
export type PolicyStatement = {
  readonly Sid?: string | undefined;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: unknown;
  readonly Action?: string | readonly string[] | undefined;
  readonly NotAction?: string | readonly string[] | undefined;
  readonly Resource?: string | readonly string[] | undefined;
  readonly NotResource?: string | readonly string[] | undefined;
  readonly Condition?:
    | Readonly<Record<string, Readonly<Record<string, string | boolean | readonly string[]>>>>
    | undefined;
};

/** A policy that cannot be evaluated here. Raised when the policy is loaded: at a request it would be too late. */
export class PolicyError extends Error {
  override name = "PolicyError" as const;
}
