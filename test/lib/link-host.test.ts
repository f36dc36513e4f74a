import { expect, test } from "vitest";
import { tellOfLongHost } from "../../lib/link-host.ts";
import { withStack } from "../support/template-under-test.ts";

/** What is said at synthesis of a deployment to a region. */
const toldOf = (region: string | undefined) =>
  withStack({ project: "app:1" }, (stack) => {
    tellOfLongHost(stack, region);
    return stack.node.metadata.filter(({ type }) => type === "aws:cdk:info").map(({ data }) => String(data));
  });

test.each(["ap-southeast-1", "ap-northeast-2", "us-gov-west-1"])(
  "[NF-12.6] a function URL in %s has more characters than Nordic's older client takes",
  (region) => {
    const host = `${"a".repeat(32)}.lambda-url.${region}.on.aws`;
    expect(toldOf(region)).toEqual([expect.stringContaining(`has ${host.length} characters`)]);
  },
);

test.each(["eu-central-1", "eu-west-1", "us-east-1", undefined])(
  "in %s it has not, or nobody knows",
  (region) => {
    expect(toldOf(region)).toEqual([]);
  },
);
