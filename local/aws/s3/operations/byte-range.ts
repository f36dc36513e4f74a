/** The part of an object that a `Range` header asks for; both ends are inclusive. */
export type RangeOutcome = { first: number; last: number } | "whole" | "unsatisfiable";

/**
 * Resolves a `Range` header as S3 does. One that is malformed, in another unit or of several ranges is ignored, and a
 * suffix of an empty object is the whole of it.
 */
export function resolveRange(header: string | undefined, size: number): RangeOutcome {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return "whole";
  if (first === "") {
    const count = Number(last);
    if (count === 0) return "unsatisfiable";
    return size === 0 ? "whole" : { first: Math.max(0, size - count), last: size - 1 };
  }
  if (last !== "" && Number(last) < Number(first)) return "whole";
  if (Number(first) >= size) return "unsatisfiable";
  return { first: Number(first), last: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
}
