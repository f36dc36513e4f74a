import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { clientConfig } from "./client-config.ts";
import { createDeliveries, type Deliveries } from "./deliveries.ts";
import { type Deployment, outputOf } from "./deployment.ts";

/** The delivery table of a deployment. Dispose of it to close its connections. */
export function openDeliveries(deployment: Deployment, signal: AbortSignal): Deliveries & Disposable {
  const client = new DynamoDBClient(clientConfig(deployment.aws));
  return {
    ...createDeliveries(client, outputOf(deployment, "DeliveryTableName"), signal),
    [Symbol.dispose]: () => client.destroy(),
  };
}
