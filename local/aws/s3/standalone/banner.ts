import { shellWord } from "../../../host/command-line/shell-word.ts";
import type { Credential } from "../../sigv4/credential.ts";

/** What a person needs to use the server: one line to try, and the same as settings. */
export function banner(server: {
  endpoint: string;
  region: string;
  dataDir: string;
  key: Credential;
  caFile: string | undefined;
}): string {
  const { endpoint, region, dataDir, key, caFile } = server;
  const settings = [
    `AWS_ENDPOINT_URL_S3=${endpoint}`,
    `AWS_ACCESS_KEY_ID=${key.accessKeyId}`,
    `AWS_SECRET_ACCESS_KEY=${key.secretAccessKey}`,
    `AWS_DEFAULT_REGION=${region}`,
    ...(caFile === undefined ? [] : [`AWS_CA_BUNDLE=${shellWord(caFile)}`]),
  ];
  return `Noteferry's local S3 keeps everything in ${dataDir}

  endpoint           ${endpoint}
  virtual-hosted     ${endpoint.replace("//localhost", "//<bucket>.s3.localhost")}
  region             ${region}
  access key id      ${key.accessKeyId}
  secret access key  ${key.secretAccessKey}

Try it:

  export ${settings.join(" ")}
  aws s3 mb s3://files
  aws s3 ls

Ctrl-C stops it.`;
}
