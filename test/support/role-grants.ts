import type { Template } from "aws-cdk-lib/assertions";

type Statement = { Effect: string; Action: string | string[]; Resource: unknown; Condition?: unknown };

/**
 * Everything that a role may do, sorted, as `action resource`. A resource reads as `Id.Arn/*`.
 * Whatever else could grant (managed policies, inline policies, denials, conditions) is shown too.
 */
export function roleGrants(template: Template, roleId: string): string[] {
  const role = template.findResources("AWS::IAM::Role")[roleId];
  const { AssumeRolePolicyDocument: _, ...others } = role?.Properties ?? { missing: roleId };
  const policies = Object.values(template.findResources("AWS::IAM::Policy")).filter((policy) =>
    policy.Properties.Roles.some((attached: { Ref?: string }) => attached.Ref === roleId),
  );
  const statements: Statement[] = policies.flatMap((policy) => policy.Properties.PolicyDocument.Statement);
  const grants = statements.flatMap(({ Effect, Action, Resource, ...conditions }) =>
    [Action].flat().flatMap((action) =>
      [Resource].flat().map((resource) => {
        const more = Object.keys(conditions).length === 0 ? "" : ` ${JSON.stringify(conditions)}`;
        return `${Effect === "Allow" ? "" : `${Effect} `}${action} ${show(resource)}${more}`;
      }),
    ),
  );
  const besides = Object.entries(others).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [...grants, ...besides].sort();
}

function show(resource: unknown): string {
  const text = JSON.stringify(resource);
  return text
    .replaceAll(/\{"Fn::GetAtt":\["(\w+)","(\w+)"\]\}/g, "$1.$2")
    .replaceAll(/\{"Ref":"(\w+)"\}/g, "$1")
    .replaceAll(/\{"Fn::Join":\["",\[([^\]]*)\]\]\}/g, (_, parts: string) => parts.replaceAll(/[",]/g, ""));
}
