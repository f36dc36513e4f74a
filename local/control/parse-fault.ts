import * as v from "valibot";
import { ControlError } from "./control-error.ts";

type FaultOption = v.StrictObjectSchema<
  v.ObjectEntries & { readonly kind: v.LiteralSchema<string, undefined> },
  undefined
>;

/** One kind of fault is one option. */
export type FaultSchema<Options extends readonly FaultOption[] = readonly FaultOption[]> = v.VariantSchema<
  "kind",
  Options,
  undefined
>;

const JsonObject = v.record(v.string(), v.unknown());

/** @throws {ControlError} 400, that names the member which is wrong and says what it must be. */
export function parseFault<const Options extends readonly FaultOption[]>(
  schema: FaultSchema<Options>,
  body: unknown,
): v.InferOutput<FaultSchema<Options>> {
  const kinds = schema.options.map(kindOf);
  if (Array.isArray(body) || !v.is(JsonObject, body)) {
    throw wrong(`a fault is a JSON object whose kind is one of ${kinds.join(", ")}`);
  }
  const option = schema.options.find((each) => kindOf(each) === body.kind);
  if (option === undefined) throw wrong(`kind must be one of ${kinds.join(", ")}`);
  const known = Object.keys(option.entries);
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw wrong(
      `a fault of the kind ${kindOf(option)} has no member ${JSON.stringify(unknown)}; it takes ${known.join(", ")}`,
    );
  }
  const parsed = v.safeParse(schema, body);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const name = String(issue.path?.[0]?.key ?? "");
  throw wrong(
    Object.hasOwn(body, name)
      ? `${name} ${issue.message}`
      : `a fault of the kind ${kindOf(option)} needs ${name}`,
  );
}

export function kindOf(option: FaultOption): string {
  return option.entries.kind.literal;
}

function wrong(sentence: string): ControlError {
  return new ControlError(400, "bad-fault", sentence);
}
