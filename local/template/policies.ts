import * as v from "valibot";
import { PolicyStatement } from "../aws/iam/policy-statement.ts";
import { type ResolvedResource, readResources } from "./resource-reader.ts";

/** CDK writes its statements as a list. */
export const PolicyDocument = v.object({ Statement: v.array(PolicyStatement) });

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

/** Who may take on a role, by the role's ARN. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html */
export function readTrust(
  resources: readonly ResolvedResource[],
  arnOf: (id: string) => string,
): { role: string; statements: PolicyStatement[] }[] {
  return readResources(
    resources,
    "AWS::IAM::Role",
    v.object({ AssumeRolePolicyDocument: v.optional(PolicyDocument, { Statement: [] }) }),
  ).map(({ id, properties }) => ({
    role: arnOf(id),
    statements: properties.AssumeRolePolicyDocument.Statement,
  }));
}

/** The policies of queues; those of buckets come with the buckets. */
export function readQueueStatements(resources: readonly ResolvedResource[]): PolicyStatement[] {
  return readResources(resources, "AWS::SQS::QueuePolicy", v.object({ PolicyDocument })).flatMap(
    ({ properties }) => properties.PolicyDocument.Statement,
  );
}

/** Whom a function lets call it. */
export type Permission = {
  action: string;
  functionName: string;
  principal: string;
  /** Only what calls in the name of this; undefined for anything of the principal. */
  sourceArn: string | undefined;
  sourceAccount: string | undefined;
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html */
export function readPermissions(resources: readonly ResolvedResource[]): Permission[] {
  return readResources(
    resources,
    "AWS::Lambda::Permission",
    v.object({
      Action: v.string(),
      FunctionName: v.string(),
      Principal: v.string(),
      SourceArn: v.optional(v.string()),
      SourceAccount: v.optional(v.string()),
    }),
  ).map(({ properties }) => ({
    action: properties.Action,
    functionName: properties.FunctionName,
    principal: properties.Principal,
    sourceArn: properties.SourceArn,
    sourceAccount: properties.SourceAccount,
  }));
}
