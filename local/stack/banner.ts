import path from "node:path";
import type { Flags } from "./flags.ts";
import type { Stack } from "./start-stack.ts";

/** What runs where, and what to do next. Secrets stay in files. */
export function createBanner(stack: Stack, flags: Flags): string {
  const { s3, fileServer, notehub, notecard, device, devices, control, caFile } = stack.endpoints;
  const [, second] = devices;
  const here = (file: string) => path.relative(process.cwd(), file) || ".";
  const scale = flags.timeScale === 1 ? "" : `, the queue's waiting times divided by ${flags.timeScale}`;
  return `
Noteferry is ready${scale}.

  S3            ${s3.endpoint}   bucket ${s3.bucket}
  file-server   ${fileServer.url}   routes noteferry and remoteFileDownloader (/sample)
  Notehub       ${notehub.url}   device ${notehub.deviceUid}, fleet ${notehub.fleetUid}
  Notecard      tcp://${notecard.host}:${notecard.port}   link ${flags.link.name}${second === undefined ? "" : `; of ${devices.length - 1} more in endpoints.json`}
                as a serial device: ${pseudoTerminalCommand(notecard.port)}
  control       ${control.url}   faults by hand: npm run fault -- --help
  device files  ${here(device.root)}${second === undefined ? "" : `, ${here(second.root)} ... one folder a device`}
  logs          ${here(path.join(flags.dataDir, "logs"))}
  CA            ${here(caFile)}

Drop a file, from a second terminal:

  source ${here(stack.awsEnvFile)}
  aws s3 cp README.md "s3://$BUCKET/README.md"
${second === undefined ? "" : toAll(notehub.fleetUid, here(flags.dataDir))}
Ctrl-C stops everything.
`;
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
