import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { clientConfig } from "./client-config.ts";
import { createDeliveries, type Deliveries } from "./deliveries.ts";
import { type Deployment, outputOf } from "./deployment.ts";
import { createFleetTable, type FleetTable } from "./fleets/fleet-table.ts";

/** What the operator asks the delivery table about files, devices and fleets. */
export type DeliveryQuestions = Deliveries & FleetTable;

/** The delivery table of a deployment. Dispose of it to close its connections. */
export function openDeliveries(deployment: Deployment, signal: AbortSignal): DeliveryQuestions & Disposable {
  const client = new DynamoDBClient(clientConfig(deployment.aws));
  const table = outputOf(deployment, "DeliveryTableName");
  return {
    ...createDeliveries(client, table, signal),
    ...createFleetTable(client, table, signal),
    [Symbol.dispose]: () => client.destroy(),
  };
}
