import * as v from "valibot";

const Env = v.object({
  FILES_BUCKET: v.pipe(v.string(), v.nonEmpty()),
  /** Bucket of the forms of contents. */
  PACKED_BUCKET: v.pipe(v.string(), v.nonEmpty()),
  /** Secret with `{"current": token, "previous": token}`. */
  TOKEN_SECRET_ARN: v.pipe(v.string(), v.nonEmpty()),
  /** Secret with `{"current": text, "previous": text}`, under which links are signed. */
  LINK_SECRET_ARN: v.pipe(v.string(), v.nonEmpty()),
});

/** The file-server's own environment variables; `lib/file-server.ts` sets exactly these. */
export type FileServerEnv = v.InferOutput<typeof Env>;

/** @throws {Error} that names the variable that is missing or wrong. */
export function readFileServerEnv(env: NodeJS.ProcessEnv): FileServerEnv {
  const parsed = v.safeParse(Env, env);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Error(`environment variable ${v.getDotPath(issue)}: ${issue.message}`);
}
