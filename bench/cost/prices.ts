/** How far a price could be checked: on the vendor's own page, in a report of it by others, or not at all. */
export type Checked = "second-hand" | "memory";

/** Dollars for one unit; `free`: units of each month that cost nothing, of which no bill here takes account but Notehub's. */
export type Price = { dollars: number; unit: string; page: string; checked: Checked; free?: number };

export const PRICE_DATE = "2026-11-28";

/** Of AWS. Others are up to a quarter dearer. */
export const PRICE_REGION = "us-east-1";

const MILLION = 1_000_000;
const GB = 1_000_000_000;
const CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/";
const IOT = "https://aws.amazon.com/iot-core/pricing/";
const NOTEHUB = "https://blues.com/pricing/";

/**
 * List prices, without tiers and discounts. The pages of AWS show them to browsers alone: those marked second-hand are as
 * others of 2025 and 2026 repeat them, Notehub's as the API Evangelist's digest of 2026-06-12 does.
 */
export const PRICES = {
  s3Write: price(0.005 / 1000, "PUT, COPY, POST or LIST", "https://aws.amazon.com/s3/pricing/"),
  s3Read: price(0.0004 / 1000, "GET or HEAD", "https://aws.amazon.com/s3/pricing/"),
  sqs: price(0.4 / MILLION, "request of 64 KB", "https://aws.amazon.com/sqs/pricing/"),
  lambdaRun: price(0.2 / MILLION, "invocation", "https://aws.amazon.com/lambda/pricing/"),
  lambdaTime: price(0.000_013_333_4, "GB-second, arm64", "https://aws.amazon.com/lambda/pricing/"),
  tableRead: price(0.125 / MILLION, "read unit", "https://aws.amazon.com/dynamodb/pricing/on-demand/"),
  tableWrite: price(0.625 / MILLION, "write unit", "https://aws.amazon.com/dynamodb/pricing/on-demand/"),
  secret: price(0.4, "secret and month", "https://aws.amazon.com/secrets-manager/pricing/"),
  logs: price(0.5 / GB, "byte of logs", CLOUDWATCH),
  metric: price(0.3, "metric and month", CLOUDWATCH),
  alarm: { ...price(0.1, "alarm and month", CLOUDWATCH), checked: "memory" },
  bytesOut: price(0.09 / GB, "byte to the internet", "https://aws.amazon.com/ec2/pricing/on-demand/"),
  notehubEvent: { ...price(0.000_75, "event", NOTEHUB), free: 5_000 },
  jobExecution: price(0.003, "remote action", "https://aws.amazon.com/iot-device-management/pricing/"),
  ruleRun: { ...price(0.3 / MILLION, "topic rule with one action", IOT), checked: "memory" },
  mqttMessage: { ...price(1 / MILLION, "message of 5 KB", IOT), checked: "memory" },
  connectedMinute: { ...price(0.08 / MILLION, "minute connected", IOT), checked: "memory" },
} as const satisfies Record<string, Price>;

/** Of Notehub's free plan, by billing account; second-hand, as its prices. https://dev.blues.io/api-reference/notehub-api/api-introduction/ */
export const NOTEHUB_LIMITS = { perMinute: 7, perDay: 10_200 };

function price(dollars: number, unit: string, page: string): Price {
  return { dollars, unit, page, checked: "second-hand" };
}
