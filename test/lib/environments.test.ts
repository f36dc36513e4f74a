import { Tracing } from "aws-cdk-lib/aws-lambda";
import { describe, expect, test } from "vitest";
import { templateOf, withStack } from "../support/template-under-test.ts";

describe("a stage", () => {
  test.each([
    [undefined, "Noteferry", "default", false],
    ["staging", "Noteferry-staging", "staging", false],
    ["prod", "Noteferry-prod", "prod", true],
    ["Production", "Noteferry-Production", "Production", true],
    ["preprod", "Noteferry-preprod", "preprod", false],
  ])(
    "%s has a stack of its own, tags that say so, and is guarded where it serves real devices",
    (stage, name, tag, guarded) => {
      const found = withStack({ project: "app:1", ...(stage === undefined ? {} : { stage }) }, (stack) => ({
        ...{ name: stack.stackName, tags: stack.tags.tagValues(), guarded: stack.terminationProtection },
      }));
      expect(found).toEqual({ name, tags: { application: "noteferry", stage: tag }, guarded });
    },
  );

  test("names nothing by which two in one account and region could meet", () => {
    const named = /^(?:.*Name|Name)$/;
    const resources: Record<string, { Properties?: object }> = templateOf({ project: "app:1" }).toJSON()
      .Resources;
    const names = Object.entries(resources).flatMap(([id, { Properties = {} }]) =>
      Object.entries(Properties)
        .filter(([key, value]) => named.test(key) && typeof value === "string")
        .map(([key]) => `${id}.${key}`),
    );
    // A policy's is within its role; a metric's in a namespace of the stack's own or AWS's, by a resource's dimension.
    expect(names.filter((name) => !/^Alarms.*\.MetricName$|Role\w+\.PolicyName$/.test(name))).toEqual([]);
  });
});

test("functions are traced only if that is chosen, and may then write traces, and no more", () => {
  const functionsOf = (settings: object) =>
    Object.values(templateOf({ project: "app:1", ...settings }).findResources("AWS::Lambda::Function"));
  for (const { Properties } of functionsOf({})) expect(Properties.TracingConfig).toBeUndefined();
  const traced = functionsOf({ tracing: "true" });
  expect(traced).toHaveLength(3);
  for (const { Properties } of traced) expect(Properties.TracingConfig).toEqual({ Mode: Tracing.ACTIVE });
});

test("who asked for which file is written down only if that is chosen, into a bucket that expires", () => {
  const files = (settings: object) => {
    const template = templateOf({ project: "app:1", ...settings });
    return { template, bucket: template.findResources("AWS::S3::Bucket").FilesBucket };
  };
  expect(files({}).bucket?.Properties.LoggingConfiguration).toBeUndefined();
  const { template, bucket } = files({ accessLogs: true, logRetentionDays: 30 });
  expect(bucket?.Properties.LoggingConfiguration).toEqual({
    DestinationBucketName: { Ref: "AccessLogsBucket" },
    LogFilePrefix: "files/",
  });
  template.hasResourceProperties("AWS::S3::Bucket", {
    LifecycleConfiguration: { Rules: [{ Id: "old", ExpirationInDays: 30, Status: "Enabled" }] },
  });
  const policies = JSON.stringify(template.findResources("AWS::S3::BucketPolicy"));
  expect(policies).toContain("logging.s3.amazonaws.com");
});

test("the dashboard shows metrics that somebody writes", () => {
  const template = templateOf({ project: "app:1", stage: "staging" });
  const [dashboard] = Object.values(template.findResources("AWS::CloudWatch::Dashboard"));
  const body = JSON.stringify(dashboard?.Properties.DashboardBody);
  const own = [...body.matchAll(/\\"Noteferry-staging\\",\\"(\w+)\\",\\"service\\",\\"([\w-]+)\\"/g)].map(
    ([, metric, service]) => `${service} ${metric}`,
  );
  expect(own.toSorted()).toEqual([
    "delivery-recorder DeliveriesFailed",
    "file-notifier FilesAnnounced",
    "file-notifier FilesRefused",
    "file-notifier FilesWithoutTarget",
    "file-notifier ManifestsAnnounced",
    "file-notifier NotehubUnauthorized",
    "file-server UnknownTokens",
  ]);
  for (const name of [
    "UrlRequestLatency",
    "ConcurrentExecutions",
    "Url5xxCount",
    "ApproximateNumberOfMessagesVisible",
  ])
    expect(body).toContain(name);
});
