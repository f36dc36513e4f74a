/** What CDK's command or CloudFormation says, and what a person can do about it. */
const ADVICE: readonly [says: RegExp, advice: string][] = [
  [
    /Unable to resolve AWS account|Could not load credentials|no credentials have been configured|Need to perform AWS calls for account .*no credentials/i,
    "There are no credentials for AWS here. Log in as the AWS CLI does: aws configure sso, then aws sso login and export AWS_PROFILE=…; or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. aws sts get-caller-identity says who you are.",
  ],
  [
    /ExpiredToken|token .*(?:has|is) expired|SSO session .*expired|InvalidClientTokenId|security token included in the request is (?:invalid|expired)/i,
    "AWS takes these credentials no longer. Log in again: aws sso login, or new keys for the profile of AWS_PROFILE. aws sts get-caller-identity says who you are.",
  ],
  [
    /Unable to (?:resolve|determine) .*region|Region is missing/i,
    "No region is chosen: export AWS_REGION=… (eu-central-1, for instance).",
  ],
  [
    /cdk-bootstrap|has not been bootstrapped|Is (?:the|this) account bootstrapped/i,
    "This account and region are not prepared for CDK: npm run cdk -- bootstrap, once for each.",
  ],
  [
    /TerminationProtection is enabled|cannot be deleted while TerminationProtection/i,
    "The stack is protected, as one of the stage prod is. docs/OPERATIONS.md, Removal, says how to lift that.",
  ],
  [
    /ReservedConcurrentExecutions|decreases account's UnreservedConcurrentExecution/i,
    "The account is too small to reserve concurrency, as new ones are: take the setting fileServerConcurrency away, or ask AWS for more (Service Quotas, Lambda, Concurrent executions).",
  ],
];

/** A sentence for the failures that people meet first; undefined for any other. @param said what was on standard error */
export function explainCdkFailure(said: string): string | undefined {
  return ADVICE.find(([says]) => says.test(said))?.[1];
}
