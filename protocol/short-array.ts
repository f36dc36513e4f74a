import * as v from "valibot";

/** An array of at most so many. It is counted first: a million entries pack into a few bytes, and what is said of each that is wrong would fill a memory. */
export function shortArray<const Item extends v.GenericSchema>(item: Item, most: number) {
  return v.pipe(
    v.custom<unknown[]>((input) => Array.isArray(input) && input.length <= most),
    v.array(item),
  );
}
