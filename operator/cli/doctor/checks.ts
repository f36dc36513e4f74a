import { ringingAlarms } from "../../cloud/alarms.ts";
import { type Deployment, outputOf } from "../../cloud/deployment.ts";
import { openFilesBucket } from "../../cloud/files/files-bucket.ts";
import { listFiles } from "../../cloud/files/list-files.ts";
import { openFleets } from "../../cloud/fleets/open-fleets.ts";
import { createHttpExchange } from "../../cloud/notehub/http-exchange.ts";
import { openProject } from "../../cloud/notehub/open-project.ts";
import { planRoutes, type RouteStep } from "../../cloud/notehub/plan-routes.ts";
import { readRoutes } from "../../cloud/notehub/routes.ts";
import { wantedRoutes } from "../../cloud/notehub/wanted-routes.ts";
import { countMessages, openFileQueues } from "../../cloud/queues/file-queues.ts";
import { openReceiptQueues } from "../../cloud/queues/receipt-queues.ts";
import { readSecret } from "../../cloud/secret-value.ts";
import { receiptsOfThings } from "../../words/receipts-of-things.ts";
import { describeStep } from "../connect/describe-step.ts";
import type { Check } from "./check.ts";
import { checkFleets } from "./fleets-check.ts";
import { checkRecorder } from "./recorder-check.ts";

/** States of a stack that is deployed and not being changed. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html */
const SETTLED = new Set([
  "CREATE_COMPLETE",
  "UPDATE_COMPLETE",
  "UPDATE_ROLLBACK_COMPLETE",
  "IMPORT_COMPLETE",
]);

/** What is looked at in a deployment, in the order of a file's way. None of them changes anything. */
export function checksOf(deployment: Deployment & { status?: string }, signal: AbortSignal): Check[] {
  const { local, status } = deployment;
  const wanted = (type?: "proxy" | "http") =>
    wantedRoutes(deployment, type === undefined ? {} : { type }, (arn) =>
      readSecret(deployment, arn, signal),
    );
  const everywhere: Check[] = [
    { check: "bucket", run: () => checkBucket(deployment, signal) },
    { check: "dead letters", run: () => checkDeadLetters(deployment, signal) },
    {
      check: "file-server",
      run: async () => await checkFileServer(deployment, await wanted("proxy"), signal),
    },
    {
      check: "recorder",
      async run() {
        const exchange = createHttpExchange(deployment.aws.ca);
        const steps = async () =>
          planRoutes(await wanted("http"), await readRoutes(await openProject(deployment, signal)));
        return await checkRecorder(await wanted("http"), steps, exchange, signal);
      },
    },
    {
      check: "Notehub routes",
      async run() {
        const api = await openProject(deployment, signal);
        const steps = planRoutes(await wanted(), await readRoutes(api));
        const wrong = steps.filter(({ action, doubles }) => action !== "keep" || doubles.length > 0);
        if (wrong.length === 0)
          return { says: "Notehub takes the token, and its routes are as they should be" };
        return { says: wrong.map(describeFault).join("; "), remedy: remedyForRoutes(wrong) };
      },
    },
  ];
  if (deployment.outputs.AnnouncementsBucketName !== undefined)
    everywhere.push({
      check: "fleets",
      async run() {
        using fleets = openFleets(deployment, signal);
        return await checkFleets(fleets, Date.now());
      },
    });
  if (deployment.outputs.ThingReceiptDeadLetterQueueUrl !== undefined)
    everywhere.push({ check: "receipts of things", run: () => checkReceipts(deployment, signal) });
  if (local) return everywhere;
  return [
    { check: "stack", run: async () => checkStatus(status ?? "") },
    ...everywhere,
    { check: "alarms", run: () => checkAlarms(deployment, signal) },
  ];
}

/** @param step one that is not as it should be, or is not alone */
function describeFault(step: RouteStep): string {
  if (step.action === "create" || step.doubles.length === 0) return describeStep(step, true);
  const taken = step.wanted.type === "proxy" ? `the alias ${step.wanted.alias}` : step.wanted.notefile;
  const uids = [step.uid, ...step.doubles];
  const twice = `${uids.length} routes take ${taken} (${uids.join(", ")}), and which of them Notehub uses is not known`;
  return step.action === "keep" ? twice : `${twice}; ${describeStep(step, true)}`;
}

function remedyForRoutes(wrong: readonly RouteStep[]): string {
  const isToMend = wrong.some(({ action }) => action !== "keep");
  const removals = wrong.flatMap((step) =>
    step.action === "create" || step.doubles.length === 0
      ? []
      : [`remove ${step.doubles.join(" and ")} in Notehub, and keep ${step.uid}`],
  );
  const remedies = [...(isToMend ? ["noteferry connect mends routes"] : []), ...removals];
  return `${remedies.join("; ")}${remedyForReceipts(wrong)}`;
}

/** What came while the route was wrong is in Notehub's events alone. */
function remedyForReceipts(wrong: readonly RouteStep[]): string {
  const isConcerned = wrong.some(({ action, wanted }) => wanted.type === "http" && action !== "keep");
  return isConcerned ? "; then noteferry catch-up records what devices said meanwhile" : "";
}

function checkStatus(status: string): { says: string; remedy?: string } {
  const says = `CloudFormation says ${status}`;
  if (SETTLED.has(status)) return { says };
  return {
    says,
    remedy: "wait until the deployment has ended; its events in CloudFormation say what failed",
  };
}

async function checkBucket(deployment: Deployment, signal: AbortSignal) {
  using bucket = openFilesBucket(deployment);
  for await (const _ of listFiles(bucket, "", signal)) break; // one page tells
  return { says: `${bucket.bucket} can be read` };
}

async function checkDeadLetters(deployment: Deployment, signal: AbortSignal) {
  using queues = openFileQueues(deployment);
  const { visible: dead } = await countMessages(queues, queues.deadLetterQueueUrl, signal);
  if (dead === 0) return { says: "there are none" };
  const remedy =
    "noteferry redrive --dry-run names them and says why; when that is mended, noteferry redrive has them tried again";
  return { says: `${dead} events could not be announced`, remedy };
}

async function checkReceipts(deployment: Deployment, signal: AbortSignal) {
  using queues = openReceiptQueues(deployment);
  const dead = queues && (await countMessages(queues, queues.deadLetterQueueUrl, signal)).visible;
  if (!dead) return { says: "none was given up" };
  const remedy = "the recorder's log says why; when that is mended, noteferry redrive has them tried again";
  return { says: `${receiptsOfThings(dead)} could not be recorded`, remedy };
}

/** A request without a file: 400 says that the token is taken. */
async function checkFileServer(
  deployment: Deployment,
  wanted: readonly { url: string; headers: Readonly<Record<string, string>> }[],
  signal: AbortSignal,
) {
  const exchange = createHttpExchange(deployment.aws.ca);
  for (const { url, headers } of wanted) {
    const { status } = await exchange(`${url}/`, { method: "GET", headers: { ...headers } }, signal);
    if (status === 400) continue;
    const remedy =
      status === 401
        ? "the server reads a token that was changed within five minutes"
        : "the file-server's log and the alarms say why";
    return { says: `${url} answers ${status} to a request with the current token`, remedy };
  }
  return { says: `${outputOf(deployment, "RouteUrl")} takes the current token` };
}

async function checkAlarms(deployment: Deployment, signal: AbortSignal) {
  const ringing = await ringingAlarms(deployment, signal);
  if (ringing.length === 0) return { says: "none rings" };
  return {
    says: ringing.map(({ name, since }) => `${name} rings since ${since}`).join("; "),
    remedy: ringing.map(({ description }) => description).join(" "),
  };
}
