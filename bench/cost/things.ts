import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import {
  AddThingToThingGroupCommand,
  CreateThingCommand,
  CreateThingGroupCommand,
  IoTClient,
  paginateListJobExecutionsForThing,
} from "@aws-sdk/client-iot";
import { loadClientCa, loadClientFiles } from "../../local/host/tls/client-ca.ts";
import { loadLocalTls } from "../../local/host/tls/local-ca.ts";
import { startAgent } from "../../local/stack/agent-process.ts";
import type { Template } from "../../local/template/cloud-assembly.ts";
import { meteredMessages } from "./mqtt-metering.ts";
import { startByteRelay, startMqttRelay } from "./relays.ts";
import type { Tally } from "./tally.ts";
import { startCounted, type World } from "./world.ts";

/** Things of AWS IoT with our agent, in groups; what each says and fetches goes by relays that count. */
export async function startThings(
  sizes: readonly number[],
  tally: Tally,
  held: (() => Promise<void>)[],
): Promise<World> {
  await using started = new AsyncDisposableStack();
  let filesPort = 0;
  const files = await startByteRelay(() => filesPort);
  started.defer(() => files.close());
  const { bench, alarms } = await startCounted(tally, held, ["--iot", "--no-agent"], (template) =>
    serveFilesAt(template, `https://localhost:${files.port}`),
  );
  started.defer(() => bench.stop());
  const { iot, fileServer, aws } = bench.endpoints;
  if (iot === undefined) throw new Error("AWS IoT does not run");
  filesPort = Number(new URL(fileServer.url).port);
  const { endpoint, region, accessKeyId, secretAccessKey } = aws;
  const control = new IoTClient({
    ...{ endpoint, region, credentials: { accessKeyId, secretAccessKey } },
    requestHandler: { httpsAgent: bench.httpsAgent },
  });
  started.defer(() => control.destroy());

  const folder = path.join(bench.folder, "cost");
  const clientCa = await loadClientCa(path.join(bench.folder, "iot/ca"));
  const names = Array.from({ length: Math.max(...sizes) }, (_, at) => `thing-${at + 1}`);
  const things = await Promise.all(
    names.map(async (name) => {
      const own = path.join(folder, name);
      const { certFile, keyFile } = await loadClientFiles(clientCa, own, name);
      const [cert, key] = await Promise.all([readFile(certFile, "utf8"), readFile(keyFile, "utf8")]);
      return { name, own, root: path.join(own, "root"), certFile, keyFile, identity: { cert, key } };
    }),
  );
  let mqttMessages = 0;
  const mqtt = await startMqttRelay({
    ...{ tls: await loadLocalTls(path.join(bench.folder, "tls")), clientCa: clientCa.certificate },
    identityOf: (thing) => things.find(({ name }) => name === thing)?.identity,
    port: iot.port,
    onPacket(from, packet) {
      mqttMessages += meteredMessages(from, packet);
    },
  });
  started.defer(() => mqtt.close());
  const broker = await startByteRelay(() => mqtt.port);
  started.defer(() => broker.close());

  for (const thingName of names) await control.send(new CreateThingCommand({ thingName }));
  const fleets = new Map<number, string>();
  for (const size of sizes) {
    const thingGroupName = `of-${size}`;
    await control.send(new CreateThingGroupCommand({ thingGroupName }));
    for (const thingName of names.slice(0, size))
      await control.send(new AddThingToThingGroupCommand({ thingGroupName, thingName }));
    fleets.set(size, `thing-groups/${thingGroupName}`);
  }
  for (const { name, own, root, certFile, keyFile } of things) {
    await mkdir(root, { recursive: true });
    const agent = startAgent({
      link: [
        ...["--link", "iot", "--endpoint", `localhost:${broker.port}`, "--thing", name],
        ...["--ca", iot.caFile, "--certificate", certFile, "--key", keyFile],
      ],
      ...{ root, stateDir: path.join(own, "state") },
      onLine: () => undefined,
    });
    started.defer(() => agent.stop());
    await agent.up;
  }
  const running = started.move();
  return {
    ...{ bench, fleets, alarms, roots: things.map(({ root }) => root) },
    devicesCounts: () => ({ linkBytes: files.bytes() + broker.bytes(), mqttMessages }),
    async jobExecutions() {
      let executions = 0;
      for (const thingName of names)
        for await (const page of paginateListJobExecutionsForThing({ client: control }, { thingName }))
          executions += page.executionSummaries?.length ?? 0;
      return executions;
    },
    part: () => files.cut(),
    stop: () => running.disposeAsync(),
  };
}

/** What a job says that files are fetched from. */
function serveFilesAt(template: Template, origin: string): void {
  const properties = template.Resources.FileNotifierFunction?.Properties;
  const variables = Object(properties?.Environment).Variables;
  if (Object(variables).FILE_SERVER_URL === undefined)
    throw new Error("the template's notifier has no variable FILE_SERVER_URL");
  variables.FILE_SERVER_URL = origin;
}
