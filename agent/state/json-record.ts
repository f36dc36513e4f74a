import { readFile, rename } from "node:fs/promises";
import * as v from "valibot";
import { removeDurably, writeDurably } from "./durable-file.ts";

/** One value on disk. */
export type JsonRecord<Value> = {
  /** Undefined if there is none, or only one that makes no sense: that is put aside, for a person to look at. */
  read(): Promise<Value | undefined>;
  write(value: Value): Promise<void>;
  remove(): Promise<void>;
};

export function jsonRecord<const Schema extends v.GenericSchema>(
  file: string,
  schema: Schema,
): JsonRecord<v.InferOutput<Schema>> {
  return {
    async read() {
      const found = await readJsonFile(file, schema);
      if (found === "damaged") await rename(file, `${file}.damaged`).catch(() => undefined); // a disk may be read-only
      return found === "damaged" || found === "absent" ? undefined : found.value;
    },
    write: (value) => writeDurably(file, `${JSON.stringify(value, undefined, 2)}\n`),
    remove: () => removeDurably(file),
  };
}

/** Reads a value and leaves everything as it is. */
export async function readJsonFile<const Schema extends v.GenericSchema>(
  file: string,
  schema: Schema,
): Promise<{ value: v.InferOutput<Schema> } | "absent" | "damaged"> {
  try {
    const parsed = v.safeParse(schema, JSON.parse(await readFile(file, "utf8")));
    return parsed.success ? { value: parsed.output } : "damaged";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "absent";
    if (error instanceof SyntaxError) return "damaged";
    throw error;
  }
}
