import recommended from "aws-cdk-lib/recommended-feature-flags.json" with { type: "json" };

/**
 * What aws-cdk-lib recommends for new apps, of the very version that package.json pins. In the app, and not in cdk.json, so that `npm start` synthesises
 * what is deployed.
 */
export const FEATURE_FLAGS: Readonly<Record<string, unknown>> = {
  ...recommended,
  // A statement for each thing that a function needs: merged ones no longer say what for.
  "@aws-cdk/aws-iam:minimizePolicies": false,
};
