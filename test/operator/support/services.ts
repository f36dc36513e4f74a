import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createDynamoDbTable } from "../../../functions/delivery-recorder/aws/dynamodb-table.ts";
import {
  type EventReading,
  readNotehubEvent,
} from "../../../functions/delivery-recorder/event/notehub-event.ts";
import type { Operations } from "../../../local/aws/aws-json/operation.ts";
import { serveAwsJson } from "../../../local/aws/aws-json/server.ts";
import { dynamoDbOperations } from "../../../local/aws/dynamodb/operations.ts";
import { createAuthorizer } from "../../../local/aws/iam/create-authorizer.ts";
import type { S3Fault, S3Observation, S3Operation } from "../../../local/aws/s3/observation.ts";
import { startS3 } from "../../../local/aws/s3/server.ts";
import { secretsManagerOperations } from "../../../local/aws/secrets-manager/operations.ts";
import { openSecrets } from "../../../local/aws/secrets-manager/secrets.ts";
import { sqsOperations } from "../../../local/aws/sqs/operations.ts";
import { openQueues } from "../../../local/aws/sqs/queues.ts";
import { startNotehub } from "../../../local/blues/notehub/server.ts";
import { startLoopbackServer } from "../../../local/host/loopback/loopback-server.ts";
import { readAtMost } from "../../../local/host/loopback/read-at-most.ts";
import { openDeliveryTable, TABLE_NAME } from "../../support/delivery-table.ts";
import { type CliOptions, type CliRun, runCli } from "./run-cli.ts";

const KEY = { accessKeyId: "AKIDOPERATOR", secretAccessKey: "operator-secret" };
const PROJECT = "app:11111111-2222-4333-8444-555555555555";
export const DEVICE = "dev:864475046552567";
export const ROUTE_TOKEN = "r0ute-t0ken-that-nobody-may-see";
export const RECEIPT_TOKEN = "rec31pt-t0ken-that-nobody-may-see";
export const LINK_SECRET = "l1nk-secret-that-nobody-may-see";
export const NOTEHUB_TOKEN = "n0tehub-t0ken-that-nobody-may-see";
const TOKEN_ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:TokenSecret";
const RECEIPT_TOKEN_ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:RecorderTokenSecret";
const LINK_ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:LinkSecret";
const NOTEHUB_ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:NotehubSecret";

/** The parts of a local stack that the operator talks to, started without the rest. */
export type Services = Awaited<ReturnType<typeof startServices>>;

/**
 * @param options `table`: the delivery table too, which takes a while to start; `fleets`: those that the device is in; `devices`: others
 * of the first; `manifests`: the buckets with what fleets are told; `things`: the queues of receipts of things
 */
export async function startServices(
  options: {
    table?: boolean;
    fleets?: string[];
    devices?: string[];
    manifests?: boolean;
    things?: boolean;
  } = {},
) {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-operator-"));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const inFolder = (name: string) => path.join(folder, name);
  const listen = async () => {
    const server = await startLoopbackServer();
    started.defer(() => server.close());
    return server;
  };
  const common = {
    findCredential: (id: string) => (id === KEY.accessKeyId ? { ...KEY, principal: "root" } : undefined),
    authorize: createAuthorizer([]),
  };

  const observations: S3Observation[] = [];
  const faults: {
    s3: ((operation: S3Operation) => S3Fault | undefined) | undefined;
    /** Told `dynamodb:Query` and the like; what it throws is the answer, what it waits for holds it up. */
    aws: ((action: string) => unknown) | undefined;
  } = { s3: undefined, aws: undefined };
  const s3 = await startS3({
    ...common,
    dataDir: inFolder("s3"),
    region: "us-east-1",
    observe: (observation) => observations.push(observation),
    fault: (operation) => faults.s3?.(operation),
  });
  started.defer(() => s3.close());
  s3.provisionBucket({ name: "files", versioning: true, notifications: [] });
  if (options.manifests === true)
    for (const name of ["announcements", "packed"])
      s3.provisionBucket({ name, versioning: false, notifications: [] });

  const aws = await listen();
  const queue = (name: string) => ({
    ...{ name, arn: `arn:aws:sqs:us-east-1:000000000000:${name}`, url: `${aws.url}/000000000000/${name}` },
    ...{ visibilityTimeoutSeconds: 30, retentionSeconds: 345_600, delaySeconds: 0 },
  });
  const ofThings = options.things === true ? ["ThingReceiptQueue", "ThingReceiptDeadLetterQueue"] : [];
  const settings = ["FileQueue", "DeadLetterQueue", ...ofThings].map(queue);
  const queues = openQueues({ file: inFolder("queues.sqlite"), queues: settings, timeScale: 1 });
  started.defer(() => queues.close());
  const secrets = await openSecrets({
    file: inFolder("secrets.json"),
    secrets: [
      {
        arn: TOKEN_ARN,
        name: "TokenSecret",
        initial: JSON.stringify({ current: ROUTE_TOKEN, previous: "" }),
      },
      {
        arn: RECEIPT_TOKEN_ARN,
        name: "RecorderTokenSecret",
        initial: JSON.stringify({ current: RECEIPT_TOKEN }),
      },
      { arn: LINK_ARN, name: "LinkSecret", initial: JSON.stringify({ current: LINK_SECRET, previous: "" }) },
      { arn: NOTEHUB_ARN, name: "NotehubSecret", initial: JSON.stringify({ token: NOTEHUB_TOKEN }) },
    ],
  });
  const dynamodb = options.table === true ? await openDeliveryTable(folder) : undefined;
  if (dynamodb !== undefined) started.defer(() => dynamodb.close());
  serveAwsJson({
    ...common,
    server: aws,
    operations: withFaults({
      ...sqsOperations(queues),
      ...secretsManagerOperations(secrets),
      ...(dynamodb === undefined ? {} : dynamoDbOperations(dynamodb)),
    }),
  });

  function withFaults(operations: Operations): Operations {
    const faulty = Object.entries(operations).map(([target, operation]) => {
      const run: typeof operation.run = async (input, signal) => {
        await faults.aws?.(operation.action);
        return operation.run(input, signal);
      };
      return [target, { ...operation, run }] as const;
    });
    return Object.fromEntries(faulty);
  }

  const notehubServer = await listen();
  const notehub = startNotehub({
    ...{ file: inFolder("notehub.sqlite"), server: notehubServer, ca: "" },
    ...{ projectUid: PROJECT, productUid: "com.example:lamps", tokens: [NOTEHUB_TOKEN] },
    devices: [
      { deviceUid: DEVICE, fleetUids: options.fleets ?? [] },
      ...(options.devices ?? []).map((deviceUid) => ({
        deviceUid,
        fleetUids: options.fleets?.slice(0, 1) ?? [],
      })),
    ],
    routes: [],
  });
  started.defer(() => notehub.close());

  const fileServer = await listen();
  /** What the recorder was posted with a token that it takes, as its own parser reads it. */
  const posted: EventReading[] = [];
  const receiptTokens = [RECEIPT_TOKEN];
  fileServer.serve(async (request, response) => {
    if (request.url === "/receipts") {
      const text = String(await readAtMost(65_536, request));
      if (!receiptTokens.some((token) => request.headers.authorization === `Bearer ${token}`))
        return response.writeHead(401).end("{}");
      const reading = readNotehubEvent(text, Date.now());
      posted.push(reading);
      response
        .writeHead(200)
        .end(JSON.stringify(reading.kind === "ignored" ? { ignored: reading.file } : {}));
      return;
    }
    const known = request.headers.authorization === `Bearer ${ROUTE_TOKEN}`;
    response.writeHead(known ? 400 : 401).end("{}");
  });

  const outputs: Record<string, string> = {
    FilesBucketName: "files",
    RouteUrl: fileServer.url,
    SampleRouteUrl: `${fileServer.url}/sample`,
    ReceiptRouteUrl: `${fileServer.url}/receipts`,
    ReceiptTokenSecretArn: RECEIPT_TOKEN_ARN,
    FileQueueUrl: queue("FileQueue").url,
    DeadLetterQueueUrl: queue("DeadLetterQueue").url,
    TokenSecretArn: TOKEN_ARN,
    LinkSecretArn: LINK_ARN,
    NotehubSecretArn: NOTEHUB_ARN,
    NotehubUrl: notehub.url,
    ProjectUid: PROJECT,
    DefaultTarget: DEVICE,
    ...(options.table === true ? { DeliveryTableName: TABLE_NAME } : {}),
    ...Object.fromEntries(ofThings.map((name) => [`${name}Url`, queue(name).url])),
    ...(options.manifests === true
      ? { AnnouncementsBucketName: "announcements", PackedBucketName: "packed" }
      : {}),
  };
  await writeFile(inFolder("ca.pem"), "");
  const service = (endpoint: string) => ({ endpoint, region: "us-east-1", ...KEY });
  const writeEndpoints = async () => {
    const endpoints = {
      caFile: inFolder("ca.pem"),
      s3: service(s3.endpoint),
      aws: service(aws.url),
      outputs,
    };
    await writeFile(inFolder("endpoints.json"), JSON.stringify(endpoints));
  };
  await writeEndpoints();
  const client = new DynamoDBClient({ endpoint: aws.url, region: "us-east-1", credentials: KEY });
  started.defer(() => client.destroy());
  const running = started.move();
  const cli = (args: readonly string[], options?: CliOptions): Promise<CliRun> =>
    runCli([...args, "--local", "--data", folder], options);
  return {
    table: createDynamoDbTable(client, TABLE_NAME),
    ...{ posted, receiptTokens, receiptTokenArn: RECEIPT_TOKEN_ARN },
    ...{ folder, outputs, observations, faults, queues, secrets, notehub, fileServer, cli, writeEndpoints },
    ...{ tokenArn: TOKEN_ARN, notehubArn: NOTEHUB_ARN, linkSecretArn: LINK_ARN },
    /** What a command prints as JSON. */
    async json(args: readonly string[], options?: CliOptions) {
      const run = await cli([...args, "--json"], options);
      return { ...run, json: run.out === "" ? undefined : JSON.parse(run.out) };
    },
    stop: () => running.disposeAsync(),
  };
}
