import type { WithJson } from "../where.ts";

export type LinkFlags = WithJson & {
  version: string | undefined;
  s3: boolean | undefined;
  /** Seconds. */
  expires: number | undefined;
};
