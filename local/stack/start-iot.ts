import { mkdir } from "node:fs/promises";
import type { RequestListener } from "node:http";
import path from "node:path";
import { PolicyError } from "../aws/iam/policy-statement.ts";
import type { BrokerObservation } from "../aws/iot/broker/broker.ts";
import type { Iot } from "../aws/iot/iot.ts";
import { RuleError } from "../aws/iot/rules/rule-error.ts";
import { createTopicRules } from "../aws/iot/rules/topic-rules.ts";
import type { Queues } from "../aws/sqs/queues.ts";
import type { Port } from "../host/loopback/listen-on-loopback.ts";
import { loadClientCa, loadClientFiles } from "../host/tls/client-ca.ts";
import type { LocalTls } from "../host/tls/local-ca.ts";
import type { Deployment } from "../template/deployment.ts";
import { TemplateError } from "../template/intrinsics.ts";
import { type AgentProcess, startAgent } from "./agent-process.ts";
import type { IotEndpoint } from "./endpoints-file.ts";
import type { Flags } from "./flags.ts";
import { LOCAL_ACCOUNT, LOCAL_THING } from "./identity.ts";
import { restartable } from "./restartable.ts";

export type LocalIot = {
  /** Ends it without a word and starts it from its database: what it had not told yet nobody hears. @throws {PortTaken} and then it does not run */
  restart(): Promise<void>;
  endpoint: IotEndpoint;
  /** The thing's; undefined where no agents are to run, or the template lets nobody connect. */
  agent: AgentProcess | undefined;
  stop(): Promise<void>;
};

/**
 * Starts AWS IoT, if the flags say so, with one thing and its agent, its certificate made from a CA in the data folder, under the
 * template's policies and rules. Events of job executions are on, which is what a person does once for an account.
 *
 * @throws {TemplateError} for a policy or a rule that asks for what is not done here.
 */
export async function startLocalIot(options: {
  flags: Flags;
  tls: LocalTls;
  deployment: Deployment;
  queues: Queues;
  /** Who may call the HTTPS services, and who watches. */
  access: Omit<Parameters<Iot["api"]>[0], "endpoint">;
  /** Where they are served, and what is told to serve them. */
  aws: { url: string };
  api: { serve(listener: RequestListener): void };
  log: (source: string, line: string, deviceUid?: string) => void;
}): Promise<LocalIot | undefined> {
  const { deployment, tls, flags } = options;
  if (!flags.iot) return undefined;
  const onLog = (line: string) => options.log("iot", line);
  const { startIot } = await import("../aws/iot/iot.ts"); // a broker that most starts do without
  const folder = path.join(flags.dataDir, "iot");
  const devices = await loadClientCa(path.join(folder, "ca"));
  const files = await loadClientFiles(devices, path.join(folder, "things", LOCAL_THING), LOCAL_THING);
  const root = path.join(flags.dataDir, "thing");
  await mkdir(root, { recursive: true });
  try {
    const rules = createTopicRules({
      rules: deployment.topicRules,
      send: async (queueArn, body) => void (await options.queues.get(queueArn).send(body)),
      onLog,
    });
    const start = async (port: Port) => {
      const started = await startIot({
        file: path.join(folder, "iot.sqlite"),
        account: LOCAL_ACCOUNT,
        ...{ tls, clientCa: devices.certificate, port },
        policy: deployment.iotStatements,
        things: [LOCAL_THING],
        jobExecutionEvents: true,
        onPublished: (message) => rules.take(message),
        observe: (observation) => onLog(sentence(observation)),
        onFault: (error) => onLog(String(error)),
      });
      const api = started.api({ ...options.access, endpoint: new URL(options.aws.url).host });
      return { ...started, listen: api };
    };
    const service = await restartable({
      ...{ start, port: flags.ports.iot, patienceMs: PATIENCE_MS },
      log: (line) => onLog(`AWS IoT: ${line}`),
    });
    const { port } = service;
    options.api.serve((request, response) => {
      const iot = service.current();
      // What waits for an answer of the one that ends is cut off, as by a machine that ends.
      if (iot === undefined) return void request.socket.destroy();
      iot.listen(request, response);
    });
    const endpoint: IotEndpoint = {
      ...{ host: "localhost", port, caFile: tls.caFile },
      ...{ ...files, thing: LOCAL_THING, root },
    };
    const mayConnect = deployment.iotStatements.length > 0;
    const agent =
      flags.agent && mayConnect
        ? startAgent({
            ...{ link: linkOf(endpoint), root, stateDir: path.join(flags.dataDir, "thing-state") },
            onLine: (line) => options.log("agent-thing", line, `thing:${LOCAL_THING}`),
          })
        : undefined;
    return {
      ...{ endpoint, agent },
      restart: service.restart,
      async stop() {
        await agent?.stop();
        await service.close();
        await rules.stop();
      },
    };
  } catch (cause) {
    if (!(cause instanceof PolicyError || cause instanceof RuleError)) throw cause;
    throw new TemplateError(cause.message, { cause });
  }
}

/** Milliseconds that AWS IoT, once it was ended, waits for its port, which somebody may have taken meanwhile. */
const PATIENCE_MS = 5_000;

/** The flags of the thing's agent. */
function linkOf({ host, port, thing, caFile, certFile, keyFile }: IotEndpoint): string[] {
  return [
    ...["--link", "iot", "--endpoint", `${host}:${port}`, "--thing", thing],
    ...["--ca", caFile, "--certificate", certFile, "--key", keyFile],
  ];
}

function sentence(observation: BrokerObservation): string {
  const { kind, clientId } = observation;
  return kind === "refused" ? `${clientId} refused: ${observation.reason}` : `${clientId} ${kind}`;
}
