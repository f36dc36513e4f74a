import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { expect, test, vi } from "vitest";
import type { NotifierEvent } from "../../functions/file-notifier/outcome/notifier-event.ts";
import { createReporter } from "../../functions/file-notifier/outcome/reporter.ts";
import { UNAUTHORIZED } from "../../functions/file-notifier/outcome/retry-later.ts";
import { countInLog } from "../../functions/file-server/embedded-metric.ts";
import { captureStdio } from "../support/capture-stdio.ts";
import { templateOf } from "../support/template-under-test.ts";

const template = templateOf({ project: "app:1" });

/** What the alarm of this id watches. */
function watchedBy(id: string): { Namespace: string; MetricName: string; dimensions: Dimension[] } {
  const alarms = Object.entries(template.findResources("AWS::CloudWatch::Alarm"));
  const { Namespace, MetricName, Dimensions } =
    alarms.find(([found]) => found.startsWith(id))?.[1].Properties ?? {};
  return { Namespace, MetricName, dimensions: Dimensions };
}

type Dimension = { Name: string; Value: string };

/** What the deployed notifier writes for an event, in CloudWatch's embedded metric format. */
async function metricWrittenFor(event: NotifierEvent): Promise<object> {
  const notifier = template.findResources("AWS::Lambda::Function").FileNotifierFunction;
  const variables: Record<string, unknown> = notifier?.Properties.Environment.Variables;
  for (const [name, value] of Object.entries(variables)) {
    if (name.startsWith("POWERTOOLS_")) vi.stubEnv(name, String(value));
  }
  const report = createReporter(new Logger(), new Metrics());
  const { written } = await captureStdio(async () => report(event)).finally(() => vi.unstubAllEnvs());
  const line = written.split("\n").find((text) => text.includes('"_aws"'));
  return JSON.parse(line ?? "{}");
}

test.each<[string, NotifierEvent]>([
  [
    "AlarmsNotehubUnauthorized",
    { message: "retrying", key: "k", reason: UNAUTHORIZED, detail: "401", seconds: 60 },
  ],
  ["AlarmsFilesRefused", { message: "refused", key: "k", reason: "path", detail: "absolute" }],
])("what %s watches is what the notifier writes", async (id, event) => {
  const { Namespace, MetricName, dimensions } = watchedBy(id);
  expect(await metricWrittenFor(event)).toMatchObject({
    _aws: {
      CloudWatchMetrics: [
        { Namespace, Metrics: [{ Name: MetricName }], Dimensions: [dimensions.map(({ Name }) => Name)] },
      ],
    },
    ...Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value])),
    [MetricName]: 1,
  });
});

test("what AlarmsTokensUnusable watches is what the file-server writes", () => {
  const { Namespace, MetricName, dimensions } = watchedBy("AlarmsTokensUnusable");
  expect(dimensions).toEqual([{ Name: "service", Value: "file-server" }]); // as each line of its log says
  expect(countInLog(Namespace, MetricName, 1)).toEqual({
    _aws: {
      Timestamp: 1,
      CloudWatchMetrics: [
        { Namespace, Metrics: [{ Name: MetricName, Unit: "Count" }], Dimensions: [["service"]] },
      ],
    },
    TokensUnusable: 1,
  });
});

test("another stage counts in a namespace of its own: its alarms would ring for both", () => {
  const staging = templateOf({ project: "app:1", stage: "staging" });
  const alarms = Object.values(staging.findResources("AWS::CloudWatch::Alarm"));
  const namespaces = alarms
    .map(({ Properties }) => Properties.Namespace)
    .filter((name) => name !== undefined);
  expect(namespaces).toContain("Noteferry-staging");
  expect(namespaces).not.toContain("Noteferry");
  for (const { Properties } of Object.values(staging.findResources("AWS::Lambda::Function"))) {
    expect(Properties.Environment.Variables.POWERTOOLS_METRICS_NAMESPACE).toBe("Noteferry-staging");
  }
});
