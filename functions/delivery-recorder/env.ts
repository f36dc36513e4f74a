import * as v from "valibot";

const Env = v.object({
  DELIVERY_TABLE: v.pipe(v.string(), v.minLength(3)),
  /** Secret with `{"current": token, "previous": token}`. */
  TOKEN_SECRET_ARN: v.pipe(v.string(), v.nonEmpty()),
});

/** The recorder's own environment variables; `lib/delivery-recorder.ts` sets exactly these. */
export type DeliveryRecorderEnv = v.InferOutput<typeof Env>;

/** @throws {Error} that names the variable that is missing or wrong. */
export function readDeliveryRecorderEnv(env: NodeJS.ProcessEnv): DeliveryRecorderEnv {
  const parsed = v.safeParse(Env, env);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Error(`environment variable ${v.getDotPath(issue)}: ${issue.message}`);
}
