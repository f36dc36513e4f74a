import * as v from "valibot";
import type { ResolvedResource } from "./deployment.ts";
import { readResources } from "./resource-reader.ts";

const OneOrMore = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => (typeof value === "string" ? [value] : value)),
);

const Statement = v.object({
  Sid: v.optional(v.string()),
  Effect: v.picklist(["Allow", "Deny"]),
  Principal: v.optional(v.unknown()),
  Action: OneOrMore,
  Resource: v.optional(OneOrMore, ["*"]),
  Condition: v.optional(
    v.record(v.string(), v.record(v.string(), v.union([v.string(), v.boolean(), v.array(v.string())]))),
  ),
});

const PolicyDocument = v.object({ Statement: v.array(Statement) });

export type PolicyStatement = v.InferOutput<typeof Statement>;

/** What one role may do, from the policies attached to it. */
export type RolePolicy = { principal: string; statements: PolicyStatement[] };

/** The policies of roles, by the role's ARN: inline ones and those attached by reference. */
export function readRolePolicies(
  resources: readonly ResolvedResource[],
  arnOf: (id: string) => string,
): RolePolicy[] {
  const attached = readResources(
    resources,
    "AWS::IAM::Policy",
    v.object({ PolicyDocument, Roles: v.array(v.string()) }),
  ).flatMap(({ properties }) =>
    properties.Roles.map((role) => ({
      principal: arnOf(role),
      statements: properties.PolicyDocument.Statement,
    })),
  );
  const inline = readResources(
    resources,
    "AWS::IAM::Role",
    v.object({ Policies: v.optional(v.array(v.object({ PolicyDocument })), []) }),
  ).map(({ id, properties }) => ({
    principal: arnOf(id),
    statements: properties.Policies.flatMap((policy) => policy.PolicyDocument.Statement),
  }));
  return [...attached, ...inline];
}

/** What the queues let other services do, and whom the functions let call them. */
export type ServicePolicies = {
  queueStatements: PolicyStatement[];
  permissions: { action: string; functionName: string; principal: string }[];
};

export function readServicePolicies(resources: readonly ResolvedResource[]): ServicePolicies {
  const queueStatements = readResources(
    resources,
    "AWS::SQS::QueuePolicy",
    v.object({ PolicyDocument }),
  ).flatMap(({ properties }) => properties.PolicyDocument.Statement);
  const permissions = readResources(
    resources,
    "AWS::Lambda::Permission",
    v.object({ Action: v.string(), FunctionName: v.string(), Principal: v.string() }),
  ).map(({ properties }) => ({
    action: properties.Action,
    functionName: properties.FunctionName,
    principal: properties.Principal,
  }));
  return { queueStatements, permissions };
}
