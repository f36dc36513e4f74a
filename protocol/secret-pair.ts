import * as v from "valibot";

/**
 * What a secret holds that is changed by hand: both count while it is being changed. `previous` is empty at other times.
 */
export type SecretPair = { current: string; previous: string };

/** Pasted ones tend to end in a line break. */
const Pair = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    current: v.pipe(v.string(), v.trim(), v.nonEmpty()),
    previous: v.optional(v.pipe(v.string(), v.trim()), ""),
  }),
);

/** Reads a secret's text, `{"current": …, "previous": …}`; undefined for anything else. Nothing of it is told. */
export function parseSecretPair(text: string | undefined): SecretPair | undefined {
  const parsed = v.safeParse(Pair, text);
  return parsed.success ? parsed.output : undefined;
}
