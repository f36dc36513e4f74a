import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { clientConfig } from "../cloud/client-config.ts";
import { createDeliveries } from "../cloud/deliveries.ts";
import { createDeliveryPages, type DeliveryPages } from "../cloud/delivery-pages.ts";
import { type Deployment, outputOf } from "../cloud/deployment.ts";
import { type FilesBucket, openFilesBucket } from "../cloud/files/files-bucket.ts";
import { createFleetTable } from "../cloud/fleets/fleet-table.ts";
import { type Fleets, openFleets } from "../cloud/fleets/open-fleets.ts";
import { kept, keptEach } from "../cloud/kept.ts";
import { createMembership } from "../cloud/membership.ts";
import type { NotehubApi } from "../cloud/notehub/notehub-api.ts";
import { openProject } from "../cloud/notehub/open-project.ts";
import type { DeliveryQuestions } from "../cloud/open-deliveries.ts";
import { type FileQueues, openFileQueues } from "../cloud/queues/file-queues.ts";
import { createUnderWay, type UnderWay } from "./under-way.ts";

/** What the console reads and writes, opened once. */
export type World = {
  deployment: Deployment;
  bucket: FilesBucket;
  deliveries: DeliveryQuestions;
  fleets: Fleets;
  pages: DeliveryPages;
  queues: FileQueues;
  project(): Promise<NotehubApi>;
  /** UIDs of a fleet's devices, by Notehub. */
  members(fleet: string): Promise<readonly string[]>;
  /** Aborted once nothing is asked any more. */
  signal: AbortSignal;
  underWay: UnderWay;
} & Disposable;

/** A token that Notehub gave for an hour is asked for again long before. */
const PROJECT_MS = 5 * 60_000;
/** Notehub counts calls, seven a minute where nothing is paid, and the notifier needs them too. */
const MEMBERS_MS = 3 * 60_000;
const FAILED_MS = 20_000;

/** @param signal ends what is asked of the table and of Notehub */
export function openWorld(deployment: Deployment, signal: AbortSignal): World {
  const dynamodb = new DynamoDBClient(clientConfig(deployment.aws));
  const table = outputOf(deployment, "DeliveryTableName");
  const bucket = openFilesBucket(deployment);
  const queues = openFileQueues(deployment);
  const fleets = openFleets(deployment, signal);
  const project = kept(PROJECT_MS, () => openProject(deployment, signal));
  return {
    ...{ deployment, bucket, queues, signal },
    underWay: createUnderWay(),
    deliveries: {
      ...createDeliveries(dynamodb, table, signal),
      ...createFleetTable(dynamodb, table, signal),
    },
    fleets,
    pages: createDeliveryPages(dynamodb, table, signal),
    project,
    members: keptEach(MEMBERS_MS, createMembership(deployment, project, signal).devicesOf, FAILED_MS),
    [Symbol.dispose]() {
      dynamodb.destroy();
      bucket[Symbol.dispose]();
      queues[Symbol.dispose]();
      fleets[Symbol.dispose]();
    },
  };
}
