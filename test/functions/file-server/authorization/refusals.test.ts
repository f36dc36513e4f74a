import { expect, test } from "vitest";
import { createRefusals, type Refusals } from "../../../../functions/file-server/authorization/refusals.ts";

test("refused requests are told once in 30 seconds, all of them, those with a token apart", () => {
  const told: Refusals[] = [];
  let clock = 0;
  const refuse = createRefusals(
    (refusals) => told.push(refusals),
    () => clock,
  );
  for (const hadToken of [true, true, false, false, false]) refuse(hadToken);
  clock = 29_999;
  refuse(true);
  expect(told).toEqual([{ unknownTokens: 1, withoutToken: 0 }]);
  clock = 30_000;
  refuse(false);
  expect(told).toEqual([
    { unknownTokens: 1, withoutToken: 0 },
    { unknownTokens: 2, withoutToken: 4 },
  ]);
});
