import * as v from "valibot";

const Embedded = v.looseObject({
  _aws: v.object({
    CloudWatchMetrics: v.array(
      v.object({
        Namespace: v.string(),
        Dimensions: v.array(v.array(v.string())),
        Metrics: v.array(v.object({ Name: v.string() })),
      }),
    ),
  }),
});

/**
 * Names of the metrics that a line of a log publishes; CloudWatch bills each name with each set of dimensions and their values.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricsIn(line: string): string[] {
  if (!line.includes('"_aws"')) return [];
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Embedded), line);
  if (!parsed.success) return [];
  const values = parsed.output;
  return values._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    (Dimensions.length === 0 ? [[]] : Dimensions).flatMap((dimensions) =>
      Metrics.map(({ Name }) =>
        [Namespace, Name, ...dimensions.map((dimension) => `${dimension}=${values[dimension]}`)].join(" "),
      ),
    ),
  );
}
