import * as v from "valibot";

/** A JSON object of unknown shape: what Notes carry and requests are made of. */
export type JsonObject = Record<string, unknown>;

export const jsonObject = v.custom<JsonObject>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "is not a JSON object",
);

/** Parses text as JSON; undefined if it is not JSON or not an object. */
export function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const parsed = v.safeParse(jsonObject, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
