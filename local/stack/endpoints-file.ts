import { rm } from "node:fs/promises";
import path from "node:path";
import { writePrivateFile } from "../host/disk/private-file.ts";

/** Where everything of a running stack is, for scripts and tests. */
export type Endpoints = {
  ready: true;
  caFile: string;
  s3: { endpoint: string; region: string; bucket: string; accessKeyId: string; secretAccessKey: string };
  /** Where AWS's other services are, and the key of the person at this machine. */
  aws: { endpoint: string; region: string; caFile: string; accessKeyId: string; secretAccessKey: string };
  /** The stack's outputs, by the names that CloudFormation gives them. */
  outputs: Record<string, string>;
  fileServer: { url: string; token: string };
  notehub: {
    url: string;
    token: string;
    projectUid: string;
    productUid: string;
    deviceUid: string;
    fleetUid: string;
  };
  /** The first device's. */
  notecard: { host: string; port: number };
  device: { root: string };
  /** All of them, in the order of their numbers. */
  devices: { deviceUid: string; root: string; notecard: { host: string; port: number } }[];
  /** With `--iot`: MQTT over TLS, the CA of its certificate, and the files of the one thing. */
  iot: IotEndpoint | undefined;
  /** The control door; the token is another at each start. */
  control: { url: string; token: string };
};

export type IotEndpoint = {
  host: string;
  port: number;
  caFile: string;
  certFile: string;
  keyFile: string;
  thing: string;
  /** Folder of the thing's files. */
  root: string;
};

export function endpointsFile(dataDir: string): string {
  return path.join(dataDir, "endpoints.json");
}

export async function removeEndpoints(dataDir: string): Promise<void> {
  await rm(endpointsFile(dataDir), { force: true });
}

/** Written once everything answers, so that a script may wait for the file. */
export async function writeEndpoints(dataDir: string, endpoints: Endpoints): Promise<void> {
  await writePrivateFile(endpointsFile(dataDir), JSON.stringify(endpoints, null, 2));
}
