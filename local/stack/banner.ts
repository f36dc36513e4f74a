import path from "node:path";
import { shellWord } from "../host/command-line/shell-word.ts";
import type { Flags } from "./flags.ts";
import type { Stack } from "./start-stack.ts";

/**
 * What runs where, and what to do next. Secrets stay in files, but for the console's link, which opens it once.
 *
 * @param otherPorts sentences about services that are not where they usually are
 */
export function createBanner(
  stack: Stack,
  flags: Flags,
  consoleLink: string,
  otherPorts: readonly string[],
): string {
  const { s3, fileServer, notehub, notecard, device, devices, control, caFile } = stack.endpoints;
  const [, second] = devices;
  const here = (file: string) => path.relative(process.cwd(), file) || ".";
  const quoted = (file: string) => shellWord(here(file));
  const scale = flags.timeScale === 1 ? "" : `, the queue's waiting times divided by ${flags.timeScale}`;
  return `
Noteferry is ready${scale}.
${otherPorts.map((each) => `\n  ${each}`).join("")}${otherPorts.length > 0 ? "\n" : ""}
  S3            ${s3.endpoint}   bucket ${s3.bucket}
  file-server   ${fileServer.url}   routes noteferry and remoteFileDownloader (/sample)
  Notehub       ${notehub.url}   device ${notehub.deviceUid}, fleet ${notehub.fleetUid}
  Notecard      tcp://${notecard.host}:${notecard.port}   link ${flags.link.name}${second === undefined ? "" : `; of ${devices.length - 1} more in endpoints.json`}
                as a serial device: ${pseudoTerminalCommand(notecard.port)}
${iotLines(stack, quoted)}  control       ${control.url}   faults by hand: npm run fault -- --help
  device files  ${here(device.root)}${second === undefined ? "" : `, ${here(second.root)} ... one folder a device`}
  logs          ${here(path.join(flags.dataDir, "logs"))}
  CA            ${here(caFile)}

See devices and files, upload, roll back, in a browser:

  ${consoleLink}

Or drop a file from a second terminal:

  source ${quoted(stack.awsEnvFile)}
  aws s3 cp README.md "s3://$BUCKET/README.md"
  curl --cacert "$AWS_CA_BUNDLE" "$(aws s3 presign "s3://$BUCKET/README.md")"
${second === undefined ? "" : toAll(notehub.fleetUid, quoted(flags.dataDir))}
Ctrl-C stops everything.
`;
}

/** What a client of somebody else needs; the private key stays in its file. */
function iotLines({ endpoints: { iot, aws }, deployment }: Stack, here: (file: string) => string): string {
  if (iot === undefined) return "";
  const closed = deployment.iotStatements.length === 0;
  const lines = [
    `AWS IoT       mqtts://${iot.host}:${iot.port}   thing and client id ${iot.thing}   HTTPS ${aws.endpoint}`,
    `              --cafile ${here(iot.caFile)} --cert ${here(iot.certFile)} --key ${here(iot.keyFile)}`,
    ...(closed ? ["              the template has no AWS::IoT::Policy: every connection is refused"] : []),
  ];
  return lines.map((line) => `  ${line}\n`).join("");
}

/** How all devices get something, and how to see how far they are. */
function toAll(fleet: string, dataDir: string): string {
  const where = `--local${dataDir === ".noteferry" ? "" : ` --data ${dataDir}`}`;
  return `
or for the whole fleet:

  npm run -s noteferry -- put README.md --to ${fleet} ${where}
  npm run -s noteferry -- status ${fleet} --watch ${where}
`;
}

/** The command that makes a serial device of the Notecard's TCP port, for a library that insists on one. */
function pseudoTerminalCommand(port: number): string {
  return `socat pty,raw,echo=0,link=/tmp/notecard tcp:127.0.0.1:${port}`;
}
