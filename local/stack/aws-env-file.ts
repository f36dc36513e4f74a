import path from "node:path";
import { writePrivateFile } from "../host/disk/private-file.ts";
import type { Endpoints } from "./endpoints-file.ts";

/**
 * Writes a file to `source`, with the variables that point the AWS CLI and the SDKs at the local S3 and AWS IoT. In a file the
 * secret key is on no screen.
 *
 * @returns the file's path.
 */
export async function writeAwsEnv(dataDir: string, { s3, aws, caFile, iot }: Endpoints): Promise<string> {
  const file = path.join(dataDir, "aws.env");
  const variables = {
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    AWS_REGION: s3.region,
    AWS_DEFAULT_REGION: s3.region, // older CLIs know only this one
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    ...(iot === undefined
      ? {}
      : { AWS_ENDPOINT_URL_IOT: aws.endpoint, AWS_ENDPOINT_URL_IOT_JOBS_DATA_PLANE: aws.endpoint }),
    AWS_CA_BUNDLE: caFile,
    BUCKET: s3.bucket,
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`);
  await writePrivateFile(file, ["unset AWS_SESSION_TOKEN AWS_PROFILE", ...lines].join("\n"));
  return file;
}

/** For a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
