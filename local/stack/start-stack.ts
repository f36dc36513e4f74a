import { randomBytes } from "node:crypto";
import path from "node:path";
import type { AnsweredRequest } from "../aws/aws-json/operation.ts";
import { serveAwsJson } from "../aws/aws-json/server.ts";
import { openDynamoDb } from "../aws/dynamodb/dynamodb.ts";
import { dynamoDbOperations } from "../aws/dynamodb/operations.ts";
import { startScheduledRules } from "../aws/eventbridge/scheduled-rules.ts";
import { createAuthorizer } from "../aws/iam/create-authorizer.ts";
import { type S3Server, startS3 } from "../aws/s3/server.ts";
import { secretsManagerOperations } from "../aws/secrets-manager/operations.ts";
import { openSecrets } from "../aws/secrets-manager/secrets.ts";
import { sqsOperations } from "../aws/sqs/operations.ts";
import { openQueues } from "../aws/sqs/queues.ts";
import type { NotehubEvent } from "../blues/notehub/options.ts";
import { serveControl } from "../control/door.ts";
import { createEventFeed } from "../control/event-feed.ts";
import { openPrivateFolder } from "../host/disk/private-folder.ts";
import { createLateListener } from "../host/loopback/late-listener.ts";
import type { Port } from "../host/loopback/listen-on-loopback.ts";
import { startLoopbackServer } from "../host/loopback/loopback-server.ts";
import { loadLocalTls } from "../host/tls/local-ca.ts";
import { readAgentLog } from "../progress/agent-log.ts";
import { readFunctionLog } from "../progress/function-log.ts";
import type { StackEvent } from "../progress/stack-event.ts";
import type { Template } from "../template/cloud-assembly.ts";
import { writeAwsEnv } from "./aws-env-file.ts";
import { checkGrants } from "./check-grants.ts";
import { createCredentials } from "./credentials.ts";
import { LOCK_FILE, lockData } from "./data-lock.ts";
import { deployLocally } from "./deploy-locally.ts";
import { type Endpoints, removeEndpoints, writeEndpoints } from "./endpoints-file.ts";
import type { Flags } from "./flags.ts";
import { LOCAL_ACCOUNT, LOCAL_IDENTITY } from "./identity.ts";
import { loadLocalKeys } from "./local-keys.ts";
import { type S3Hooks, uploadsOf } from "./s3-hooks.ts";
import { type Device, startDevices } from "./start-devices.ts";
import { type Invocation, startFunctions } from "./start-functions.ts";
import { startLocalIot } from "./start-iot.ts";
import { startLocalNotehub } from "./start-notehub.ts";
import { routeTokenOf, storeNotehubToken } from "./tokens.ts";

/** What may watch or disturb a running stack. */
export type StackHooks = S3Hooks & {
  /** Called once the data folder is this stack's alone. */
  onLocked?: (() => Promise<void>) | undefined;
  /** Every step of a file, whether a service saw it or a log tells of it. */
  onEvent?: (event: StackEvent) => void;
  /** Every line of a function, the agent, or a part of the stack itself. */
  onLog?: (source: string, line: string) => void;
  /** Requests to SQS, DynamoDB, Secrets Manager and AWS IoT. DynamoDB's replies then say what they consumed. */
  observeAws?: ((answered: AnsweredRequest) => void) | undefined;
  observeInvocation?: ((invocation: Invocation) => void) | undefined;
  observeNotehub?: ((event: NotehubEvent) => void) | undefined;
  /** Changes the template between synthesis and deployment. */
  editTemplate?: ((template: Template) => void) | undefined;
};

export type Stack = Awaited<ReturnType<typeof startStack>>;

/**
 * Synthesises the app and runs its template, with a Notehub, and devices with a Notecard and an agent each.
 *
 * @throws {FolderNotPrivate | DataInUse | SynthesisFailed | TemplateError} Whatever was started by then is stopped again.
 */
export async function startStack(flags: Flags, hooks: StackHooks = {}) {
  const { dataDir, timeScale } = flags;
  const inData = (name: string) => path.join(dataDir, name);
  const feed = createEventFeed();
  const tell = (event: StackEvent) => {
    hooks.onEvent?.(event);
    feed.publish(event);
  };
  const log = (source: string, line: string, deviceUid?: string) => {
    hooks.onLog?.(source, line);
    const event = deviceUid === undefined ? readFunctionLog(line) : readAgentLog(line, deviceUid);
    if (event !== undefined) tell(event);
  };
  await using started = new AsyncDisposableStack();
  await openPrivateFolder(dataDir, LOCK_FILE); // keys, tokens, what was uploaded, and the bundles that run
  started.defer(await lockData(dataDir));
  await hooks.onLocked?.();
  await removeEndpoints(dataDir);
  started.defer(() => removeEndpoints(dataDir));

  const [tls, keys] = await Promise.all([loadLocalTls(inData("tls")), loadLocalKeys(dataDir)]);
  const { ports } = flags;
  // These listen before they have anything to serve, since the template says where they are.
  const listen = async (port: Port) => {
    const server = await startLoopbackServer({ tls, port });
    started.defer(() => server.close());
    return server;
  };
  const aws = await listen(ports.aws);
  const functionUrl = await listen(ports.functionUrl);
  const recorderUrl = await listen(ports.recorder);
  const notehubServer = await listen(ports.notehub);
  const deployment = await deployLocally(
    {
      aws: aws.url,
      functionUrls: { FileServerUrl: functionUrl.url, DeliveryRecorderUrl: recorderUrl.url },
      notehub: notehubServer.url,
    },
    inData("cdk.out"),
    flags,
    hooks.editTemplate,
  );
  const authorize = createAuthorizer(deployment.rolePolicies, deployment.queueStatements);
  checkGrants(deployment, authorize);
  const credentials = createCredentials(keys);
  const access = { findCredential: credentials.find, authorize };

  const queues = openQueues({ file: inData("queues.sqlite"), queues: deployment.queues, timeScale });
  started.defer(() => queues.close());
  const secrets = await openSecrets({ file: inData("secrets.json"), secrets: deployment.secrets });
  await storeNotehubToken(deployment, secrets, keys.notehubToken);
  const routeToken = routeTokenOf(deployment, secrets, "FileServerFunction");

  const dynamodb = await openDynamoDb(dataDir, deployment.tables);
  started.defer(() => dynamodb.close());

  const iotApi = createLateListener();
  serveAwsJson({
    server: aws,
    ...access,
    operations: {
      ...sqsOperations(queues),
      ...secretsManagerOperations(secrets),
      ...dynamoDbOperations(dynamodb, hooks.observeAws !== undefined),
    },
    observe: hooks.observeAws,
    rest: flags.iot ? iotApi.listener : undefined,
    onFault: (error) => log("aws", String(error)),
  });
  started.defer(() => aws.close()); // before the queues

  const filesBucket = deployment.outputs.get("FilesBucketName") ?? "";
  const s3: S3Server = await startS3({
    dataDir: inData("s3"),
    region: LOCAL_ACCOUNT.region,
    ...access,
    tls,
    port: ports.s3,
    deliver: async (target, event) => {
      const send = async () => void (await queues.get(target).send(JSON.stringify(event)));
      await (hooks.deliverS3 === undefined ? send() : hooks.deliverS3(send));
    },
    observe: uploadsOf(filesBucket, { ...hooks, onEvent: tell }, (key) => s3.sizeOf(filesBucket, key)),
    fault: hooks.s3Fault,
  });
  started.defer(() => s3.close());
  for (const bucket of deployment.buckets) s3.provisionBucket(bucket);

  const functions = startFunctions({
    deployment,
    credentials,
    queues,
    endpoints: { s3: s3.endpoint, aws: aws.url },
    caFile: tls.caFile,
    functionUrls: { FileServerUrl: functionUrl, DeliveryRecorderUrl: recorderUrl },
    onLog: log,
    observe: hooks.observeInvocation,
  });
  started.defer(() => functions.stop());

  const rules = await startScheduledRules({
    file: inData("rules.json"),
    rules: deployment.rules,
    timeScale,
    send: async (queueArn, input) => void (await queues.get(queueArn).send(input)),
    onFault: (error) => log("eventbridge", String(error)),
  });
  started.defer(() => rules.stop());

  const iot = await startLocalIot({
    ...{ flags, tls, deployment, queues, aws, api: iotApi, log },
    access: { ...access, observe: hooks.observeAws },
  });
  started.defer(() => iot?.stop());

  const notehub = startLocalNotehub({
    ...{ flags, tls, deployment, secrets, server: notehubServer, token: keys.notehubToken },
    ...{ fileServerUrl: functionUrl.url, recorderUrl: recorderUrl.url, observe: hooks.observeNotehub },
  });
  started.defer(() => notehub.close());

  const devices = await startDevices(flags, notehub, log);
  started.defer(() => devices.stop());
  const [first] = devices.list;

  const control = await startLoopbackServer({ port: ports.control });
  started.defer(() => control.close());
  started.defer(() => feed.close()); // before the connections are cut
  const controlToken = randomBytes(24).toString("base64url");
  const controlled = devices.list.map(({ deviceUid, notecard }) => ({ deviceUid, serial: notecard.faults }));
  const killable = [...functions.byArn.values()];
  serveControl(control, controlToken, { notehub, devices: controlled, functions: killable, iot, feed });

  const endpoints: Endpoints = {
    ready: true,
    caFile: tls.caFile,
    s3: {
      // By its address: SDKs then put the bucket into the path. `<bucket>.localhost` no certificate covers, nor every resolver.
      endpoint: s3.endpoint.replace("//localhost:", "//127.0.0.1:"),
      region: LOCAL_ACCOUNT.region,
      bucket: filesBucket,
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey,
    },
    aws: {
      endpoint: aws.url,
      region: LOCAL_ACCOUNT.region,
      caFile: tls.caFile,
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey,
    },
    outputs: Object.fromEntries(deployment.outputs),
    fileServer: { url: functionUrl.url, token: routeToken },
    notehub: { url: notehub.url, token: keys.notehubToken, ...LOCAL_IDENTITY },
    notecard: notecardOf(first),
    device: { root: first.root },
    devices: devices.list.map((device) => ({
      ...{ deviceUid: device.deviceUid, root: device.root, notecard: notecardOf(device) },
    })),
    iot: iot?.endpoint,
    control: { url: control.url, token: controlToken },
  };
  const awsEnvFile = await writeAwsEnv(dataDir, endpoints);
  await writeEndpoints(dataDir, endpoints);
  const running = started.move();
  return {
    ...{ endpoints, awsEnvFile, deployment, queues, functions, notehub, devices, s3, secrets },
    notecard: first.notecard,
    agent: first.agent,
    iot,
    /** Stops everything, in the opposite order. */
    stop: () => running.disposeAsync(),
  };
}

function notecardOf({ notecard }: Device): { host: string; port: number } {
  return { host: "127.0.0.1", port: notecard.port };
}
