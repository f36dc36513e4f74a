import * as v from "valibot";

export type Variables = Record<string, string>;

/** Environment variables and when they last changed, in epoch seconds; 0 if they were never set. */
export type Environment = { variables: Variables; modified: number };

/** Variables as they come from outside. Not `v.record`, which drops names such as `constructor` without a word. */
export const variablesSchema = v.custom<Variables>(
  (value) =>
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(([name, text]) => name !== "" && typeof text === "string"),
  "environment variables are strings by name",
);

/** What `above` has, over what is `below`. Names are not case-sensitive: a Notecard could not tell two spellings apart. */
export function overlaid(below: Variables, above: Variables): Variables {
  return { ...without(below, Object.keys(above)), ...above };
}

/** The variables that have none of these names. */
export function without(variables: Variables, names: readonly string[]): Variables {
  const gone = new Set(names.map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !gone.has(name.toLowerCase())));
}

/** What a device sees of its layers, those of its project first and its own last. */
export function effectiveEnvironment(layers: readonly Environment[]): Environment {
  return {
    variables: layers.map(({ variables }) => variables).reduce(overlaid, {}),
    modified: Math.max(...layers.map(({ modified }) => modified)),
  };
}

export function sameVariables(left: Variables, right: Variables): boolean {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && left[name] === right[name])
  );
}
