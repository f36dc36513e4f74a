import { Duration } from "aws-cdk-lib";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import {
  type FunctionUrl,
  FunctionUrlAuthType,
  type Function as LambdaFunction,
} from "aws-cdk-lib/aws-lambda";
import type { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { DeliveryRecorderEnv } from "../functions/delivery-recorder/env.ts";
import { createFunction } from "./function-defaults.ts";
import { fixLogicalId } from "./logical-id.ts";
import type { Settings } from "./settings.ts";
import { createTokenSecret } from "./token-secret.ts";
import { allow, type Wiring } from "./wiring.ts";

export type DeliveryRecorderProps = { table: Table; settings: Settings };

/** Step 5, report: from Notehub's route of receipts into the delivery table. */
export class DeliveryRecorder extends Construct {
  readonly function: LambdaFunction;
  readonly url: FunctionUrl;
  /** `{"current": token, "previous": token}` */
  readonly tokenSecret: Secret;

  constructor(scope: Construct, id: string, { table, settings }: DeliveryRecorderProps) {
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
      timeout: Duration.seconds(30), // a device that lists two hundred files is as many writes
      memoryMb: 512,
      wiring,
      node: { NODE_OPTIONS: "--enable-source-maps" },
      settings,
    });
    // As the file-server's: Notehub cannot sign requests for IAM, the bearer token guards.
    this.url = this.function.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
    fixLogicalId(this.url, "DeliveryRecorderUrl");
  }
}
