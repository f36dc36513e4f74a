import { type PropertySpecs, type PropertyType, propertiesOf } from "./cloudformation-spec.ts";
import { isIntrinsic, type Json } from "./json.ts";

/** What is wrong with the properties of a resource or of one of its nested types, each as a sentence. */
export function checkProperties(value: Json, specs: PropertySpecs, place: string): string[] {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    return [`${place}: expected an object`];
  const missing = Object.entries(specs)
    .filter(([name, spec]) => spec.required === true && !Object.hasOwn(value, name))
    .map(([name]) => `${place}: lacks ${name}`);
  const wrong = Object.entries(value).flatMap(([name, member]) => {
    const spec = specs[name];
    return spec === undefined
      ? [`${place}.${name}: no such property`]
      : checkValue(member, spec.type, `${place}.${name}`);
  });
  return [...missing, ...wrong];
}

function checkValue(value: Json, type: PropertyType, place: string): string[] {
  if (isIntrinsic(value)) return [];
  switch (type.type) {
    case "string":
      return checkString(value, type.allowedValues, place);
    case "integer":
      return expected(Number.isInteger(value), "an integer", place);
    case "number":
      return expected(typeof value === "number", "a number", place);
    case "boolean":
      return expected(typeof value === "boolean", "a boolean", place);
    case "array":
      if (!Array.isArray(value)) return [`${place}: expected an array`];
      return value.flatMap((item, index) => checkValue(item, type.element, `${place}[${index}]`));
    case "map":
      if (value === null || typeof value !== "object" || Array.isArray(value))
        return [`${place}: expected a map`];
      return Object.entries(value).flatMap(([name, item]) =>
        checkValue(item, type.element, `${place}.${name}`),
      );
    case "ref":
      return checkProperties(value, propertiesOf(type), place);
    case "union": {
      const attempts = type.types.map((one) => checkValue(value, one, place));
      return attempts.find((problems) => problems.length === 0) ?? attempts[0] ?? [];
    }
    default:
      return []; // json, tags and dates take what they get
  }
}

function checkString(value: Json, allowed: readonly string[] | undefined, place: string): string[] {
  if (typeof value !== "string") return [`${place}: expected a string`];
  if (allowed === undefined || allowed.includes(value)) return [];
  return [`${place}: ${value} is none of ${allowed.join(", ")}`];
}

function expected(holds: boolean, what: string, place: string): string[] {
  return holds ? [] : [`${place}: expected ${what}`];
}
