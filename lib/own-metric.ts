import { type Duration, Stack } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";

/** Folder below `functions/`, and the `service` in its logs and metrics. */
export type FunctionName = "file-notifier" | "file-server" | "delivery-recorder";

/** CloudWatch's namespace of the functions' own metrics: one for each stack, or the alarms of two stages would mix. */
export function metricsNamespace(scope: Construct): string {
  return Stack.of(scope).stackName;
}

/** A metric that a function writes in its log; the dimension is POWERTOOLS_SERVICE_NAME. */
export function ownMetric(
  scope: Construct,
  service: FunctionName,
  metricName: string,
  period: Duration,
): Metric {
  return new Metric({
    namespace: metricsNamespace(scope),
    metricName,
    dimensionsMap: { service },
    statistic: "Sum",
    period,
  });
}
