import { rename } from "node:fs/promises";
import * as v from "valibot";
import { errnoOf } from "../system/errno.ts";
import { NotAFile, openRegularFile } from "../system/regular-file.ts";
import { removeDurably, writeDurably } from "./durable-file.ts";

/** One value on disk; `Written` is its form there. */
export type JsonRecord<Value, Written = Value> = {
  /** Undefined if there is none, or only a damaged one, which is set aside for a person to look at. */
  read(): Promise<Value | undefined>;
  write(value: Written): Promise<void>;
  remove(): Promise<void>;
};

export function jsonRecord<const Schema extends v.GenericSchema>(
  file: string,
  schema: Schema,
): JsonRecord<v.InferOutput<Schema>, v.InferInput<Schema>> {
  return {
    async read() {
      const found = await readJsonFile(file, schema);
      if (found === "damaged") await setAside(file);
      return found === "damaged" || found === "absent" ? undefined : found.value;
    },
    write: (value) => writeDurably(file, `${JSON.stringify(value, undefined, 2)}\n`),
    remove: () => removeDurably(file),
  };
}

/** An object as a map. Unlike `v.record` it takes every name: `constructor` is a path like any other. */
export function mapOf<const Schema extends v.GenericSchema>(value: Schema) {
  return v.pipe(
    v.custom<object>((input) => typeof input === "object" && input !== null && !Array.isArray(input)),
    v.transform((object) => Object.entries(object)),
    v.array(v.tuple([v.string(), value])),
    v.transform((entries) => new Map(entries)),
  );
}

/** Puts a damaged file where a person can look at it. */
export async function setAside(file: string): Promise<void> {
  await rename(file, `${file}.damaged`).catch(() => undefined); // the disk may be read-only
}

/** Reads a value, with its text, and changes nothing on disk. */
export async function readJsonFile<const Schema extends v.GenericSchema>(
  file: string,
  schema: Schema,
): Promise<{ value: v.InferOutput<Schema>; text: string } | "absent" | "damaged"> {
  try {
    const text = await readText(file);
    const parsed = v.safeParse(schema, JSON.parse(text));
    return parsed.success ? { value: parsed.output, text } : "damaged";
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return "absent";
    if (error instanceof SyntaxError || error instanceof NotAFile) return "damaged";
    throw error;
  }
}

/** @throws {NotAFile} or an error of the file system */
export async function readText(place: string): Promise<string> {
  const file = await openRegularFile(place);
  try {
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}
