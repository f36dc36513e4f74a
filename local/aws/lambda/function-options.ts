import type { Credential } from "../sigv4/credential.ts";

/** A function as its template describes it, with the credential that stands for its role's session. */
export type FunctionOptions = {
  name: string;
  arn: string;
  /** Folder of its bundle. */
  codeDir: string;
  /** Module and export, such as `index.handler`. */
  handler: string;
  environment: Readonly<Record<string, string>>;
  timeoutSeconds: number;
  memoryMb: number;
  credential: Credential;
  region: string;
  /** Execution environments at the same time; further invocations wait. Default 10. */
  maxConcurrency?: number | undefined;
  /** Gets every line that the function or the runtime writes. */
  onLog?: (line: string) => void;
};
