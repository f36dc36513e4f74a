import { expect, test } from "vitest";
import { explainCdkFailure } from "../../lib/cdk-failure.ts";

/** As CDK's command and CloudFormation print them. */
test.each([
  [
    "Unable to resolve AWS account to use. It must be either configured when you define your CDK Stack, or through the environment",
    "aws sso login",
  ],
  [
    "Need to perform AWS calls for account 123456789012, but no credentials have been configured",
    "no credentials for AWS here",
  ],
  ["The security token included in the request is expired", "Log in again"],
  ["ExpiredToken: The provided token has expired.", "Log in again"],
  [
    "Noteferry: SSM parameter /cdk-bootstrap/hnb659fds/version not found. Has the environment been bootstrapped? Please run 'cdk bootstrap'",
    "npm run cdk -- bootstrap",
  ],
  ["Stack [Noteferry-prod] cannot be deleted while TerminationProtection is enabled", "OPERATIONS.md"],
  [
    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [10]",
    "fileServerConcurrency",
  ],
])("says what to do: %s", (said, advice) => {
  expect(explainCdkFailure(`\n${said}\n`)).toContain(advice);
});

test("of what it does not know it says nothing", () => {
  expect(explainCdkFailure("Resource handler returned message: Bucket already exists")).toBeUndefined();
  expect(explainCdkFailure("")).toBeUndefined();
});
