import { expect, test } from "vitest";
import { holdOrder } from "../../../../operator/console/page/hold-order.ts";

const hold = (rows: string, before: string) => holdOrder([...rows], (row) => row, [...before]).join("");

test.each([
  ["cab", "abc", "abc"],
  ["xaby", "ba", "baxy"],
  ["ab", "cba", "ba"],
  ["ba", "", "ba"],
])("of %s, which was %s, comes %s", (rows, before, held) => {
  expect(hold(rows, before)).toBe(held);
});
