import path from "node:path";
import { RECEIPT_NOTEFILE } from "../../protocol/notefiles.ts";
import type { Secrets } from "../aws/secrets-manager/secrets.ts";
import type { NotehubEvent } from "../blues/notehub/options.ts";
import { type Notehub, startNotehub } from "../blues/notehub/server.ts";
import type { LoopbackServer } from "../host/loopback/loopback-server.ts";
import type { LocalTls } from "../host/tls/local-ca.ts";
import type { Deployment } from "../template/deployment.ts";
import { devicePlaces } from "./device-places.ts";
import type { Flags } from "./flags.ts";
import { LOCAL_IDENTITY } from "./identity.ts";
import { routeTokenOf } from "./tokens.ts";

/** Starts Notehub with one project, all devices in its one fleet, and the routes that the deployment needs. */
export function startLocalNotehub(options: {
  flags: Flags;
  tls: LocalTls;
  deployment: Deployment;
  secrets: Secrets;
  server: LoopbackServer;
  /** Of its API. */
  token: string;
  fileServerUrl: string;
  recorderUrl: string;
  observe: ((event: NotehubEvent) => void) | undefined;
}): Notehub {
  const { flags, deployment, secrets, fileServerUrl, observe } = options;
  const bearer = (functionId: string) => ({
    Authorization: `Bearer ${routeTokenOf(deployment, secrets, functionId)}`,
  });
  const headers = bearer("FileServerFunction");
  return startNotehub({
    file: path.join(flags.dataDir, "notehub.sqlite"),
    server: options.server,
    ca: options.tls.ca,
    projectUid: LOCAL_IDENTITY.projectUid,
    productUid: LOCAL_IDENTITY.productUid,
    tokens: [options.token],
    ...(observe === undefined ? {} : { observe }),
    devices: devicePlaces(flags).map(({ deviceUid }) => ({
      deviceUid,
      fleetUids: [LOCAL_IDENTITY.fleetUid],
    })),
    routes: [
      { alias: "noteferry", url: fileServerUrl, headers, timeoutSeconds: 60 },
      { alias: "remoteFileDownloader", url: `${fileServerUrl}/sample`, headers, timeoutSeconds: 60 },
      {
        label: "noteferry receipts",
        url: options.recorderUrl,
        headers: bearer("DeliveryRecorderFunction"),
        files: [RECEIPT_NOTEFILE],
      },
    ],
  });
}
