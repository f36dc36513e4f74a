import { findResourceSpec } from "./cloudformation-spec.ts";
import type { Json } from "./json.ts";

/** Logical ids of the template, with the type of those that are resources. */
export type Names = { resourceTypes: ReadonlyMap<string, string>; parameters: ReadonlySet<string> };

const PSEUDO = /^AWS::(?:AccountId|NoValue|Partition|Region|StackId|StackName|URLSuffix)$/;

/** Every Ref, Fn::GetAtt and Fn::Sub within `value` that names nothing, each as a sentence. */
export function checkReferences(value: Json, names: Names, place: string): string[] {
  if (value === null || typeof value !== "object") return [];
  if (Array.isArray(value)) return value.flatMap((item, i) => checkReferences(item, names, `${place}[${i}]`));
  return Object.entries(value).flatMap(([name, member]) => {
    if (name === "Ref") return checkRef(member, names, place);
    if (name === "Fn::GetAtt") return checkGetAtt(member, names, place);
    const inText = name === "Fn::Sub" && typeof member === "string" ? checkSub(member, names, place) : [];
    return [...inText, ...checkReferences(member, names, `${place}.${name}`)];
  });
}

function checkRef(target: Json, names: Names, place: string): string[] {
  const id = String(target);
  const known = names.resourceTypes.has(id) || names.parameters.has(id) || PSEUDO.test(id);
  return known ? [] : [`${place}: Ref to ${id}, which is not in the template`];
}

function checkGetAtt(target: Json, names: Names, place: string): string[] {
  const [id = "", ...attribute] = Array.isArray(target) ? target.map(String) : String(target).split(".");
  const type = names.resourceTypes.get(id);
  if (type === undefined) return [`${place}: GetAtt of ${id}, which is not in the template`];
  const known = Object.hasOwn(findResourceSpec(type)?.attributes ?? {}, attribute.join("."));
  return known ? [] : [`${place}: ${type} has no attribute ${attribute.join(".")}`];
}

function checkSub(text: string, names: Names, place: string): string[] {
  return [...text.matchAll(/\$\{([^!}][^}]*)\}/g)].flatMap(([, reference = ""]) =>
    reference.includes(".") ? checkGetAtt(reference, names, place) : checkRef(reference, names, place),
  );
}
