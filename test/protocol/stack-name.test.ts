import { expect, test } from "vitest";
import { isStage, stackName } from "../../protocol/stack-name.ts";

test("a stage is part of the stack's name", () => {
  expect(stackName()).toBe("Noteferry");
  expect(stackName("staging")).toBe("Noteferry-staging");
});

test.each(["a", "staging", "eu-west-2", "A1", "a".repeat(32)])("%s may be a stage", (stage) => {
  expect(isStage(stage)).toBe(true);
  expect(stackName(stage)).toMatch(/^[A-Za-z][-0-9A-Za-z]{0,127}$/); // what CloudFormation takes
});

test.each(["", "1a", "-a", "a-", "a--b", "a b", "a_b", "é", "a\n", "a".repeat(33), `${"a-".repeat(20)}a`])(
  "%j may not",
  (stage) => {
    expect(isStage(stage)).toBe(false);
  },
);
