/** The keywords of JSON Schema 2020-12 that the Notecard's schemas use. */
export type JsonSchema = {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  items?: JsonSchema;
  minItems?: number;
  additionalProperties?: boolean | JsonSchema;
  unevaluatedProperties?: boolean;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  not?: JsonSchema;
  if?: JsonSchema;
  then?: JsonSchema;
  else?: JsonSchema;
};

/** What is wrong with a value, one sentence each; empty if it is valid. */
export function schemaErrors(schema: JsonSchema, value: unknown, at = "$"): string[] {
  return [
    ...keywordErrors(schema, value, at),
    ...combinationErrors(schema, value, at),
    ...(Array.isArray(value) && schema.items !== undefined
      ? value.flatMap((item, index) => schemaErrors(schema.items ?? {}, item, `${at}[${index}]`))
      : []),
    ...(isObject(value) ? memberErrors(schema, value, at) : []),
  ];
}

const valid = (schema: JsonSchema, value: unknown) => schemaErrors(schema, value).length === 0;

function keywordErrors(schema: JsonSchema, value: unknown, at: string): string[] {
  const { type, enum: allowed, pattern, minimum, maximum, minItems } = schema;
  const broken = {
    type: type !== undefined && ![type].flat().some((name) => isOfType(name, value)),
    enum: allowed !== undefined && !allowed.includes(value),
    const: "const" in schema && schema.const !== value,
    pattern: pattern !== undefined && typeof value === "string" && !new RegExp(pattern, "u").test(value),
    minimum: minimum !== undefined && typeof value === "number" && value < minimum,
    maximum: maximum !== undefined && typeof value === "number" && value > maximum,
    minItems: minItems !== undefined && Array.isArray(value) && value.length < minItems,
  };
  return Object.entries(broken).flatMap(([keyword, is]) =>
    is ? [`${at}: ${keyword}: ${JSON.stringify(value)}`] : [],
  );
}

function combinationErrors(schema: JsonSchema, value: unknown, at: string): string[] {
  const matches = schema.oneOf?.filter((branch) => valid(branch, value)).length ?? 1;
  const chosen = schema.if === undefined ? undefined : valid(schema.if, value) ? schema.then : schema.else;
  return [
    ...(matches === 1 ? [] : [`${at}: oneOf: ${matches} match`]),
    ...(schema.anyOf?.some((branch) => valid(branch, value)) === false ? [`${at}: anyOf`] : []),
    ...(schema.not !== undefined && valid(schema.not, value) ? [`${at}: not`] : []),
    ...[...(schema.allOf ?? []), ...(chosen === undefined ? [] : [chosen])].flatMap((branch) =>
      schemaErrors(branch, value, at),
    ),
  ];
}

function memberErrors(schema: JsonSchema, value: Record<string, unknown>, at: string): string[] {
  const missing = (schema.required ?? []).filter((name) => !(name in value));
  const { additionalProperties: additional = true, unevaluatedProperties = true } = schema;
  return [
    ...missing.map((name) => `${at}: ${name} is missing`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const known = schema.properties?.[name];
      if (known !== undefined) return schemaErrors(known, member, `${at}.${name}`);
      if (typeof additional === "object") return schemaErrors(additional, member, `${at}.${name}`);
      return additional && unevaluatedProperties ? [] : [`${at}: ${name} is not a member`];
    }),
  ];
}

function isOfType(type: string, value: unknown): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "object") return isObject(value);
  if (type === "array") return Array.isArray(value);
  return typeof value === type;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
