import * as v from "valibot";
import { TemplateError } from "./intrinsics.ts";

/** A resource with every intrinsic replaced: its logical id, and properties still to be parsed. */
export type ResolvedResource = { id: string; type: string; ref: string; properties: unknown };

/** The resources of one type with their properties parsed; properties that the schema does not name are left out. */
export function readResources<Schema extends v.GenericSchema>(
  resources: readonly ResolvedResource[],
  type: string,
  schema: Schema,
): { id: string; ref: string; properties: v.InferOutput<Schema> }[] {
  return resources
    .filter((resource) => resource.type === type)
    .map((resource) => {
      const parsed = v.safeParse(schema, resource.properties);
      if (parsed.success) return { id: resource.id, ref: resource.ref, properties: parsed.output };
      const [issue] = parsed.issues;
      throw new TemplateError(`${resource.id} (${type}): ${v.getDotPath(issue) ?? ""} ${issue.message}`);
    });
}
