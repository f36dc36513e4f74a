import { type PortHolder, portHolder } from "../host/loopback/port-holder.ts";
import { takenBy } from "../host/loopback/port-taken.ts";
import type { Endpoints } from "./endpoints-file.ts";
import type { Flags } from "./flags.ts";

/** A service that is not on its usual port. */
export type OtherPort = { service: string; usual: number; port: number };

/** The services whose usual port was taken. `consoleUrl`: where the console is. */
export function otherPorts(
  { ports, consolePort }: Pick<Flags, "ports" | "consolePort">,
  endpoints: Pick<
    Endpoints,
    "s3" | "aws" | "fileServer" | "notehub" | "notecard" | "control" | "iot" | "outputs"
  >,
  consoleUrl: string,
): OtherPort[] {
  const { s3, aws, fileServer, notehub, notecard, control, iot, outputs } = endpoints;
  const services = [
    { service: "S3", wanted: ports.s3, port: portOf(s3.endpoint) },
    { service: "AWS's other services", wanted: ports.aws, port: portOf(aws.endpoint) },
    { service: "the file-server", wanted: ports.functionUrl, port: portOf(fileServer.url) },
    { service: "the delivery recorder", wanted: ports.recorder, port: portOf(outputs.ReceiptRouteUrl ?? "") },
    { service: "Notehub", wanted: ports.notehub, port: portOf(notehub.url) },
    { service: "the Notecard", wanted: ports.notecard, port: notecard.port },
    { service: "the control door", wanted: ports.control, port: portOf(control.url) },
    ...(iot === undefined ? [] : [{ service: "AWS IoT", wanted: ports.iot, port: iot.port }]),
    { service: "the console", wanted: consolePort, port: portOf(consoleUrl) },
  ];
  return services.flatMap(({ service, wanted, port }) =>
    typeof wanted === "object" && wanted.preferred !== 0 && wanted.preferred !== port
      ? [{ service, usual: wanted.preferred, port }]
      : [],
  );
}

/** A line for each, with who has the port. */
export async function tellOtherPorts(
  others: readonly OtherPort[],
  find: (port: number) => Promise<PortHolder | undefined> = portHolder,
): Promise<string[]> {
  return await Promise.all(
    others.map(
      async ({ service, usual, port }) =>
        `port ${usual} is taken${takenBy(await find(usual))}: ${service} is on ${port}`,
    ),
  );
}

function portOf(url: string): number {
  return Number(URL.parse(url)?.port);
}
