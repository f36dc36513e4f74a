import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import { expect, test } from "vitest";
import type { NoteferryStack } from "../../lib/noteferry-stack.ts";
import { ALL_SETTINGS } from "../support/all-settings.ts";
import { withStack } from "../support/template-under-test.ts";

/** The AwsSolutions rules that a stack breaks without an acknowledged reason. */
function findings(stack: NoteferryStack): string[] {
  return new AwsSolutionsChecks().validateScope(stack).violations.map((violation) => violation.ruleName);
}

test.each([
  ["only a project", { project: "app:1" }],
  ["every setting", ALL_SETTINGS],
])("each AwsSolutions rule is kept, or has its reason: %s", (_what, settings) => {
  expect(withStack(settings, findings)).toEqual([]);
});

test("a careless bucket would be found", () => {
  const found = withStack({ project: "app:1" }, (stack) => {
    new Bucket(stack, "Careless");
    return findings(stack);
  });
  expect(found).toEqual(["AwsSolutions-S1", "AwsSolutions-S10"]);
});
