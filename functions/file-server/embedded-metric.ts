/**
 * Members that make a line of the log count for a metric, 1 unless told; the line's own `service` is the dimension. Powertools' metrics would
 * lengthen each cold start for the one that this function has.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 *
 * @param namespace CloudWatch's, as the notifier's metrics have it and the alarms in `lib/`
 * @param now milliseconds since the epoch
 */
export function countInLog(
  namespace: string,
  metric: string,
  now: number,
  count = 1,
): Record<string, unknown> {
  const directive = {
    Namespace: namespace,
    Dimensions: [["service"]],
    Metrics: [{ Name: metric, Unit: "Count" }],
  };
  return { _aws: { Timestamp: now, CloudWatchMetrics: [directive] }, [metric]: count };
}
