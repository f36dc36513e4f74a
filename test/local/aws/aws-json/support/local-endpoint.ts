import { mkdtemp, rm } from "node:fs/promises";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { AnsweredRequest, Operations } from "../../../../../local/aws/aws-json/operation.ts";
import { serveAwsJson } from "../../../../../local/aws/aws-json/server.ts";
import type { Authorize } from "../../../../../local/aws/iam/authorize.ts";
import type { Credential } from "../../../../../local/aws/sigv4/credential.ts";
import {
  type LoopbackServer,
  startLoopbackServer,
} from "../../../../../local/host/loopback/loopback-server.ts";
import { loadLocalTls } from "../../../../../local/host/tls/local-ca.ts";

export const CREDENTIAL: Credential = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "secret/example",
  sessionToken: "session-token",
  principal: "arn:aws:iam::000000000000:role/example",
};

export type LocalEndpoint = LoopbackServer & {
  /** What an SDK client takes to reach it. */
  clientConfig: {
    endpoint: string;
    region: string;
    maxAttempts: number;
    credentials: Credential;
    requestHandler: { httpsAgent: Agent };
  };
  faults: unknown[];
  /** What was authenticated and allowed, oldest first. */
  answered: AnsweredRequest[];
};

/** An endpoint with a CA of its own, closed when the test has finished. */
export async function localEndpoint(
  operations: Operations,
  authorize: Authorize = () => true,
): Promise<LocalEndpoint> {
  const dir = await mkdtemp(path.join(tmpdir(), "noteferry-aws-json-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const tls = await loadLocalTls(dir);
  const faults: unknown[] = [];
  const answered: AnsweredRequest[] = [];
  const server = await startLoopbackServer({ tls });
  serveAwsJson({
    server,
    operations,
    authorize,
    findCredential: (id) => (id === CREDENTIAL.accessKeyId ? CREDENTIAL : undefined),
    onFault: (error) => faults.push(error),
    observe: (request) => answered.push(request),
  });
  const httpsAgent = new Agent({ ca: tls.ca, keepAlive: true });
  onTestFinished(async () => {
    httpsAgent.destroy();
    await server.close();
  });
  return {
    ...server,
    ...{ faults, answered },
    clientConfig: {
      endpoint: server.url,
      region: "us-east-1",
      maxAttempts: 1,
      credentials: CREDENTIAL,
      requestHandler: { httpsAgent },
    },
  };
}
