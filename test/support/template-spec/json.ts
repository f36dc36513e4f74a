export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** An intrinsic function: an object with one member, `Ref` or `Fn::…`. Its value is known at deployment only. */
export function isIntrinsic(value: Json): boolean {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return false;
  const [name, ...others] = Object.keys(value);
  return others.length === 0 && name !== undefined && (name === "Ref" || name.startsWith("Fn::"));
}
