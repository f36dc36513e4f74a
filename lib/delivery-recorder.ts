import { Duration } from "aws-cdk-lib";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import {
  EventSourceMapping,
  type FunctionUrl,
  FunctionUrlAuthType,
  type Function as LambdaFunction,
} from "aws-cdk-lib/aws-lambda";
import type { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { DeliveryRecorderEnv } from "../functions/delivery-recorder/env.ts";
import { createFunction } from "./function-defaults.ts";
import { fixLogicalId } from "./logical-id.ts";
import type { Settings } from "./settings.ts";
import { createTokenSecret } from "./token-secret.ts";
import { allow, allowPolling, type Wiring } from "./wiring.ts";

/** A device that lists two hundred files is as many writes. */
export const RECORDER_TIMEOUT = Duration.seconds(30);

export type DeliveryRecorderProps = {
  table: Table;
  /** Of AWS IoT's things; undefined where the deployment reaches none. */
  receipts: Queue | undefined;
  settings: Settings;
};

/** Step 5, report: from Notehub's route of receipts, and the queue of those of things, into the delivery table. */
export class DeliveryRecorder extends Construct {
  readonly function: LambdaFunction;
  readonly url: FunctionUrl;
  /** `{"current": token, "previous": token}` */
  readonly tokenSecret: Secret;

  constructor(scope: Construct, id: string, { table, receipts, settings }: DeliveryRecorderProps) {
    super(scope, id);
    this.tokenSecret = createTokenSecret(this, "RecorderTokenSecret", "route of receipts");
    const wiring: Wiring<DeliveryRecorderEnv> = {
      DELIVERY_TABLE: {
        value: table.tableName,
        grants: [allow(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"], table.tableArn)],
      },
      TOKEN_SECRET_ARN: {
        value: this.tokenSecret.secretArn,
        grants: [allow(["secretsmanager:GetSecretValue"], this.tokenSecret.secretArn)],
      },
    };
    this.function = createFunction(this, "DeliveryRecorderFunction", {
      name: "delivery-recorder",
      description: "Records what devices say of their files, from a Notehub route",
      timeout: RECORDER_TIMEOUT,
      memoryMb: 512,
      wiring,
      grants: receipts === undefined ? [] : [allowPolling(receipts.queueArn)],
      node: { NODE_OPTIONS: "--enable-source-maps" },
      settings,
    });
    // As the file-server's: Notehub cannot sign requests for IAM, the bearer token guards.
    this.url = this.function.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
    fixLogicalId(this.url, "DeliveryRecorderUrl");
    if (receipts !== undefined) this.takeFrom(receipts);
  }

  /** The things of a group say all at once what they have: the rest of what the account may run at a time is left to the file-server. */
  private takeFrom(receipts: Queue): void {
    new EventSourceMapping(this, "Receipts", {
      target: this.function,
      eventSourceArn: receipts.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
      maxConcurrency: 4,
    });
  }
}
