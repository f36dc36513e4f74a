import { expect, test } from "vitest";
import {
  createRefusals,
  type Refusals,
  type Refused,
} from "../../../../functions/file-server/authorization/refusals.ts";

test("refused requests are told once in 30 seconds, all of them, each kind apart", () => {
  const told: Refusals[] = [];
  let clock = 0;
  const refuse = createRefusals(
    (refusals) => told.push(refusals),
    () => clock,
  );
  const next: Refused[] = ["unknownTokens", "unknownTokens", "withoutToken", "wrongLinks", "withoutToken"];
  for (const what of next) refuse(what);
  clock = 29_999;
  refuse("unknownTokens");
  expect(told).toEqual([{ unknownTokens: 1, withoutToken: 0, wrongLinks: 0 }]);
  clock = 30_000;
  refuse("withoutToken");
  expect(told).toEqual([
    { unknownTokens: 1, withoutToken: 0, wrongLinks: 0 },
    { unknownTokens: 2, withoutToken: 3, wrongLinks: 1 },
  ]);
});
