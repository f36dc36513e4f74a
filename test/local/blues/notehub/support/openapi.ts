import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { type JsonSchema, schemaErrors } from "../../../../support/json-schema.ts";

const replies: Record<string, JsonSchema> = JSON.parse(
  readFileSync(new URL("../../../../fixtures/notehub-openapi/replies.json", import.meta.url), "utf8"),
);

/** Fails unless the value is what Notehub's OpenAPI document says of the schema. */
export function expectOpenApi(name: string, value: unknown): void {
  const schema = replies[name];
  expect(schema, name).toBeDefined();
  expect(schemaErrors(schema ?? {}, value)).toEqual([]);
}
