import { Duration } from "aws-cdk-lib";
import {
  type FunctionUrl,
  FunctionUrlAuthType,
  type Function as LambdaFunction,
} from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { FileServerEnv } from "../functions/file-server/env.ts";
import { acknowledgeAllObjects } from "./acknowledgements.ts";
import { createFunction } from "./function-defaults.ts";
import { createLinkSecret } from "./link-secret.ts";
import { fixLogicalId } from "./logical-id.ts";
import type { Settings } from "./settings.ts";
import { createTokenSecret } from "./token-secret.ts";
import { allow, type Wiring } from "./wiring.ts";

export type FileServerProps = { files: Bucket; packed: Bucket; settings: Settings };

/** Step 3, serve: from the bucket to Notehub's proxy route, chunk by chunk. */
export class FileServer extends Construct {
  readonly function: LambdaFunction;
  readonly url: FunctionUrl;
  /** `{"current": token, "previous": token}` */
  readonly tokenSecret: Secret;
  /** `{"current": text, "previous": text}` */
  readonly linkSecret: Secret;

  constructor(scope: Construct, id: string, { files, packed, settings }: FileServerProps) {
    super(scope, id);
    this.tokenSecret = createTokenSecret(this, "TokenSecret", "proxy route");
    this.linkSecret = createLinkSecret(this);
    const wiring: Wiring<FileServerEnv> = {
      FILES_BUCKET: {
        value: files.bucketName,
        grants: [
          allow(["s3:GetObject", "s3:GetObjectVersion"], files.arnForObjects("*")),
          allow(["s3:ListBucket"], files.bucketArn), // without it a missing file is 403, not 404
        ],
      },
      PACKED_BUCKET: {
        value: packed.bucketName,
        grants: [
          allow(["s3:GetObject"], packed.arnForObjects("*")),
          allow(["s3:ListBucket"], packed.bucketArn),
        ],
      },
      TOKEN_SECRET_ARN: {
        value: this.tokenSecret.secretArn,
        grants: [allow(["secretsmanager:GetSecretValue"], this.tokenSecret.secretArn)],
      },
      LINK_SECRET_ARN: {
        value: this.linkSecret.secretArn,
        grants: [allow(["secretsmanager:GetSecretValue"], this.linkSecret.secretArn)],
      },
    };
    this.function = createFunction(this, "FileServerFunction", {
      name: "file-server",
      description: "Serves files to devices in chunks, through a Notehub proxy route, and by signed links",
      timeout: Duration.seconds(10), // a device waits no longer for Notehub
      memoryMb: 512,
      wiring,
      // No --enable-source-maps: Node.js would read the map at every cold start.
      reservedConcurrency: settings.fileServerConcurrency,
      settings,
    });
    // Notehub and small clients cannot sign requests for IAM: the bearer token, or a link's signature, guards. With NONE come the two permissions that a
    // public function URL needs. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    this.url = this.function.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
    fixLogicalId(this.url, "FileServerUrl");
    acknowledgeAllObjects(this, packed, "The server serves any form of a content to who holds the token.");
    acknowledgeAllObjects(
      this,
      files,
      "The server serves any file of the bucket to who holds the token, or a link to it.",
    );
  }
}
