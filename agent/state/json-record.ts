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
      try {
        const parsed = v.safeParse(schema, JSON.parse(await readFile(file, "utf8")));
        if (parsed.success) return parsed.output;
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        if (!(error instanceof SyntaxError)) throw error;
      }
      await rename(file, `${file}.damaged`);
      return undefined;
    },
    write: (value) => writeDurably(file, `${JSON.stringify(value, undefined, 2)}\n`),
    remove: () => removeDurably(file),
  };
}
