import * as v from "valibot";
import { S3Error } from "../s3-error.ts";

/** How many bytes a policy lets a form upload. */
export type AllowedLength = { least: number; most: number };

type Match = { operator: "eq" | "starts-with"; field: string; wanted: string };

const Bytes = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.digits(), v.transform(Number))]),
  v.minValue(0),
);

const LengthRange = v.pipe(
  v.tuple([v.literal("content-length-range"), Bytes, Bytes]),
  v.transform(([, least, most]) => ({ least, most })),
);
const Comparison = v.pipe(
  v.tuple([v.picklist(["eq", "starts-with"]), v.pipe(v.string(), v.startsWith("$")), v.string()]),
  v.transform(([operator, name, wanted]): Match[] => [
    { operator, field: name.slice(1).toLowerCase(), wanted },
  ]),
);
const Equalities = v.pipe(
  v.record(v.string(), v.string()),
  v.transform((fields) =>
    Object.entries(fields).map(
      ([name, wanted]): Match => ({ operator: "eq", field: name.toLowerCase(), wanted }),
    ),
  ),
);

/** In GMT, with or without milliseconds: S3 documents no other form of ISO 8601. */
const EXPIRATION = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/;

function isTime(text: string): boolean {
  return !Number.isNaN(Date.parse(text));
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html */
const Policy = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    expiration: v.pipe(v.string(), v.regex(EXPIRATION), v.check(isTime)),
    conditions: v.array(v.union([LengthRange, Comparison, Equalities])),
  }),
);

/** Fields that no condition has to cover. */
const UNCONDITIONED = ["policy", "x-amz-signature", "file"];

/**
 * Checks a form against its policy: not expired, every condition met, and no field that no condition covers.
 *
 * @param encoded the field `policy`, its signature already verified.
 * @param fields by lower-case name, and `bucket`.
 * @throws {S3Error} `InvalidPolicyDocument`, `AccessDenied`
 */
export function checkPostPolicy(
  encoded: string,
  fields: ReadonlyMap<string, string>,
  now: number,
): AllowedLength {
  const { expiration, conditions } = parsePolicy(encoded);
  if (Date.parse(expiration) <= now) throw refused("Policy expired.");
  const matches = conditions.flatMap((condition) => (Array.isArray(condition) ? condition : []));
  for (const { operator, field, wanted } of matches) {
    const actual = fields.get(field) ?? "";
    const met = operator === "eq" ? actual === wanted : startsWith(field, actual, wanted);
    if (!met) throw refused(`Policy Condition failed: ["${operator}", "$${field}", "${wanted}"]`);
  }
  const covered = new Set([...UNCONDITIONED, ...matches.map(({ field }) => field)]);
  const extra = [...fields.keys()].find((name) => !covered.has(name) && !name.startsWith("x-ignore-"));
  if (extra !== undefined) throw refused(`Extra input fields: ${extra}`);
  const ranges = conditions.flatMap((condition) => (Array.isArray(condition) ? [] : condition));
  return {
    least: Math.max(0, ...ranges.map(({ least }) => least)),
    most: Math.min(Number.MAX_SAFE_INTEGER, ...ranges.map(({ most }) => most)),
  };
}

function parsePolicy(encoded: string): v.InferOutput<typeof Policy> {
  const parsed = v.safeParse(Policy, Buffer.from(encoded, "base64").toString("utf8"));
  if (!parsed.success)
    throw new S3Error("InvalidPolicyDocument", "Invalid Policy: Invalid JSON or condition.");
  return parsed.output;
}

/** Each of several content types has to start like this. */
function startsWith(field: string, actual: string, wanted: string): boolean {
  const values = field === "content-type" ? actual.split(",").map((value) => value.trim()) : [actual];
  return values.every((value) => value.startsWith(wanted));
}

function refused(reason: string): S3Error {
  return new S3Error("AccessDenied", `Invalid according to Policy: ${reason}`);
}
