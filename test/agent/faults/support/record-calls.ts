import * as v from "valibot";
import type { Changes } from "../../../../agent/state/journaled-record.ts";
import { mapOf } from "../../../../agent/state/json-record.ts";
import { createRandom } from "../../../support/seeded-random.ts";

const Value = v.object({ text: v.string() });
export type Value = v.InferOutput<typeof Value>;

export const FORM = {
  record: v.pipe(
    v.object({ version: v.literal(1), values: mapOf(Value) }),
    v.transform(({ values }) => values),
  ),
  value: Value,
  format: (values: object) => ({ version: 1, values }),
};

const NAMES = ["a", "b/ü", "constructor", "__proto__", "e"] as const;

/** The changes of so many calls, the same for a seed: so long that a journal is folded after a few of them. */
export function callsOf(seed: number, count: number, longest = 3000): Changes<Value>[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, call) => {
    const names = random.shuffle(NAMES).slice(0, 1 + random.below(2));
    const changed = names.map((name): [string, Value | undefined] => {
      const text = `${call} \n "ü" ${"x".repeat(random.below(longest))}`;
      return [name, random.chance(0.25) ? undefined : { text }];
    });
    return new Map(changed);
  });
}

/** What there is after these calls. */
export function outcomeOf(calls: readonly Changes<Value>[]): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const changes of calls) {
    for (const [name, value] of changes) {
      if (value === undefined) values.delete(name);
      else values.set(name, value);
    }
  }
  return values;
}
