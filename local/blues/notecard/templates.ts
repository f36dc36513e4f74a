import * as v from "valibot";
import { type JsonObject, jsonObject } from "../note/json-object.ts";
import type { SettingStore } from "./flash/setting-store.ts";

const templateSchema = v.object({
  body: v.optional(jsonObject),
  length: v.optional(v.number()),
  format: v.optional(v.string()),
  port: v.optional(v.number()),
  delete: v.optional(v.boolean()),
});

/** A notefile's template: what its Notes have, each member with a value that hints at its type. */
export type Template = v.InferOutput<typeof templateSchema>;

/** Templates by notefile. */
export type Templates = {
  get(file: string): Template | undefined;
  set(file: string, template: Template | undefined): void;
};

export function openTemplates(flash: SettingStore): Templates {
  const stored = v.safeParse(v.record(v.string(), templateSchema), flash.get("templates"));
  const templates = new Map(Object.entries(stored.success ? stored.output : {}));
  return {
    get: (file) => templates.get(file),
    set(file, template) {
      if (template === undefined) templates.delete(file);
      else templates.set(file, template);
      flash.set("templates", Object.fromEntries(templates));
    },
  };
}

/** True if a Note's members are among the template's, of the same kind each. */
export function fitsTemplate(body: JsonObject, template: JsonObject): boolean {
  const hints = new Map(Object.entries(template));
  return Object.entries(body).every(([name, value]) => {
    const hint = hints.get(name);
    const [inner, outer] = [v.safeParse(jsonObject, value), v.safeParse(jsonObject, hint)];
    if (inner.success && outer.success) return fitsTemplate(inner.output, outer.output);
    return hint !== undefined && typeof value === typeof hint && Array.isArray(value) === Array.isArray(hint);
  });
}

/** Bytes of the time and places that a record has besides its members, unless it is compact. */
const METADATA_BYTES = 30;

/** Bytes of a record. How a Notecard reckons is not documented; this is near it. */
export function recordBytes({ body, length, format }: Template): number {
  return bytesOf(body ?? {}) + Math.max(0, length ?? 0) + (format === "compact" ? 0 : METADATA_BYTES);
}

/** A number hints at its bytes by its last digit: 12 is an integer of two, 14.1 a float of four. A string of digits is a length. */
function bytesOf(hint: unknown): number {
  if (typeof hint === "boolean") return 1;
  if (typeof hint === "number") return Math.trunc(Math.abs(hint)) % 10 || 1;
  if (typeof hint === "string") return /^[0-9]+$/.test(hint) ? Number(hint) : Buffer.byteLength(hint);
  return Object.values(hint ?? {}).reduce((sum: number, member) => sum + bytesOf(member), 0);
}
