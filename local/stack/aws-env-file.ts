import path from "node:path";
import { shellWord } from "../host/command-line/shell-word.ts";
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
  const configFile = path.join(dataDir, "aws.config");
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
    AWS_CONFIG_FILE: configFile,
    BUCKET: s3.bucket,
  };
  await writePrivateFile(configFile, CONFIG);
  await writePrivateFile(file, script(variables));
  return file;
}

/** No variable says this: version 1 of the AWS CLI presigns by Signature Version 2 unless it is told otherwise. */
const CONFIG = `[default]
s3 =
    signature_version = s3v4
`;

/** Without a proxy for this machine: one that is set for everything else would be asked for `localhost`. */
const NO_PROXY = ["NO_PROXY", "no_proxy"];
const UNSET = ["AWS_SESSION_TOKEN", "AWS_PROFILE"];

/**
 * What was set before is kept for `noteferry_deactivate`, which also ends itself. Sourced twice, the first values are kept. For any POSIX shell, in which a function
 * may be unset by itself.
 */
function script(variables: Readonly<Record<string, string>>): string {
  const names = [...Object.keys(variables), ...NO_PROXY, ...UNSET];
  const kept = (name: string) => `NOTEFERRY_WAS_${name}`;
  const lines = [
    "# To be sourced: points the AWS CLI and the SDKs at the local services. noteferry_deactivate undoes it.",
    "command -v noteferry_deactivate > /dev/null && noteferry_deactivate",
    ...names.map((name) => `[ -z "\${${name}+set}" ] || ${kept(name)}="$${name}"`),
    "noteferry_deactivate() {",
    ...names.map(
      (name) =>
        `  if [ -n "\${${kept(name)}+set}" ]; then export ${name}="$${kept(name)}"; unset ${kept(name)}; else unset ${name}; fi`,
    ),
    "  unset -f noteferry_deactivate",
    "}",
    `unset ${UNSET.join(" ")}`,
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${shellWord(value)}`),
    // Programs read the one or the other: what either has stays in both.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's
    'export NO_PROXY="${NO_PROXY:+$NO_PROXY,}${no_proxy:+$no_proxy,}localhost,127.0.0.1"',
    'export no_proxy="$NO_PROXY"',
  ];
  return `${lines.join("\n")}\n`;
}
