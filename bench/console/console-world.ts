import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { LOCAL_IDENTITY } from "../../local/stack/identity.ts";
import type { StackHooks } from "../../local/stack/start-stack.ts";
import { readLocalDeployment } from "../../operator/cloud/local-deployment.ts";
import { startConsole } from "../../operator/console/start-console.ts";
import { startBenchStack } from "../bench-stack.ts";

/** A local stack with a console, and clients to fill it. */
export async function startConsoleWorld(args: readonly string[], hooks: StackHooks = {}) {
  await using started = new AsyncDisposableStack();
  const stack = await startBenchStack(args, hooks);
  started.defer(() => stack.stop());
  const { s3: at, aws, outputs } = stack.endpoints;
  const requestHandler = { httpsAgent: stack.httpsAgent };
  const clientOf = ({ endpoint, region, accessKeyId, secretAccessKey }: typeof at | typeof aws) => ({
    ...{ endpoint, region, requestHandler, credentials: { accessKeyId, secretAccessKey } },
  });
  const dynamodb = new DynamoDBClient(clientOf(aws));
  started.defer(() => dynamodb.destroy());
  const s3 = new S3Client({ ...clientOf(at), forcePathStyle: true });
  started.defer(() => s3.destroy());
  const faults: unknown[] = [];
  const deployment = await readLocalDeployment(stack.folder);
  const console = await startConsole(deployment, 0, (fault) => faults.push(fault));
  started.defer(() => console.close());
  const running = started.move();
  return {
    ...{
      stack,
      dynamodb,
      s3,
      console,
      deployment,
      bucket: at.bucket,
      table: outputs.DeliveryTableName ?? "",
    },
    /** What the console could not answer: none is expected. */
    faults,
    fleetKey: (path: string) => `fleets/${LOCAL_IDENTITY.fleetUid}/${path}`,
    stop: () => running.disposeAsync(),
  };
}
