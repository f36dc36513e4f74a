import { checkProperties } from "./check-properties.ts";
import { checkReferences, type Names } from "./check-references.ts";
import { findResourceSpec } from "./cloudformation-spec.ts";
import type { Json } from "./json.ts";

export type CheckedTemplate = {
  Resources: Record<string, { Type: string; Properties?: Json; DependsOn?: string | string[] }>;
  Parameters?: Record<string, Json>;
  Outputs?: Json;
};

/**
 * What CloudFormation would refuse and synthesis lets pass: unknown, missing or wrongly typed properties, and
 * references to nothing. Judged by CloudFormation's own registry, offline.
 */
export function checkTemplate(template: CheckedTemplate): string[] {
  const resources = Object.entries(template.Resources);
  const names: Names = {
    resourceTypes: new Map(resources.map(([id, { Type }]) => [id, Type])),
    parameters: new Set(Object.keys(template.Parameters ?? {})),
  };
  const problems = resources.flatMap(([id, { Type, Properties = {}, DependsOn = [] }]) => {
    const spec = findResourceSpec(Type);
    if (spec === undefined) return [`${id}: CloudFormation has no type ${Type}`];
    const dangling = [DependsOn].flat().filter((other) => !names.resourceTypes.has(other));
    return [
      ...checkProperties(Properties, spec.properties, id),
      ...checkReferences(Properties, names, id),
      ...dangling.map((other) => `${id}: depends on ${other}, which is not in the template`),
    ];
  });
  return [...problems, ...checkReferences(template.Outputs ?? {}, names, "Outputs")];
}
