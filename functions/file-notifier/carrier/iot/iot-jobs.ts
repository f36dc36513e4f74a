import { CancelJobCommand, CreateJobCommand, type IoTClient, IoTServiceException } from "@aws-sdk/client-iot";
import { parseTarget } from "../../../../protocol/target.ts";
import { NoSuchTarget } from "../../fleet/no-such-target.ts";
import { type Fate, RetryLater } from "../../outcome/retry-later.ts";
import { Undeliverable } from "../../outcome/undeliverable.ts";
import type { JobSettings } from "./job-settings.ts";
import { type Jobs, TooManyJobs } from "./jobs.ts";

/** What a job that cannot be cancelled is told by: it has ended, or there is none. */
const OVER = /^(?:ResourceNotFound|InvalidRequest|InvalidStateTransition)Exception$/;

/** AWS's control plane is asked too often by somebody of the account. https://docs.aws.amazon.com/general/latest/gr/iot-core.html */
const THROTTLED = /^(?:Throttling|ThrottlingException|TooManyRequestsException)$/;

/**
 * AWS IoT's jobs, over its control plane.
 *
 * @param arnPrefix `arn:<partition>:iot:<region>:<account>:`
 */
export function createIotJobs(
  client: IoTClient,
  { arnPrefix, settings }: { arnPrefix: string; settings: JobSettings },
): Jobs {
  return {
    async create({ id, targetUid, document, description }, signal) {
      const [kind, name] = arnPartsOf(targetUid);
      const { targetSelection, ...rest } = settings;
      const command = new CreateJobCommand({
        ...{ jobId: id, document, description, targets: [`${arnPrefix}${kind}/${name}`] },
        // A job for one thing that is continuous would never be complete.
        ...{ targetSelection: kind === "thing" ? "SNAPSHOT" : targetSelection, ...rest },
      });
      try {
        await client.send(command, { abortSignal: signal });
      } catch (error) {
        if (nameOf(error) !== "ResourceAlreadyExistsException") throw outcomeOf(error, targetUid);
      }
    },

    async cancel(id, signal) {
      const command = new CancelJobCommand({ jobId: id, force: true, comment: "a newer manifest is told" });
      try {
        await client.send(command, { abortSignal: signal });
      } catch (error) {
        if (!OVER.test(nameOf(error))) throw outcomeOf(error, id, "uncertain");
      }
    },
  };
}

function arnPartsOf(uid: string): [kind: "thing" | "thinggroup", name: string] {
  const kind = parseTarget(uid)?.kind;
  if (kind === "thing") return ["thing", uid.slice("thing:".length)];
  if (kind === "thing-group") return ["thinggroup", uid.slice("thing-group:".length)];
  throw new TypeError(`${uid} is no target of AWS IoT`);
}

/** What is nobody's word, such as a time-out, leaves open whether it was done. @param throttled a fate: whether something was done before */
function outcomeOf(error: unknown, what: string, throttled: Fate = "unsent"): RetryLater | Undeliverable {
  const [name, sentence] = [nameOf(error), error instanceof Error ? error.message : String(error)];
  const told = `AWS IoT: ${name} for ${what}: ${sentence}`;
  const status = error instanceof IoTServiceException ? (error.$metadata.httpStatusCode ?? 500) : 500;
  if (THROTTLED.test(name) || status === 429)
    return new RetryLater("iot-throttled", told, { fate: throttled, cause: error });
  if (status >= 500) return new RetryLater("iot-unavailable", told, { fate: "uncertain", cause: error });
  if (name === "LimitExceededException") return new TooManyJobs(told, { cause: error });
  // Of what a job is created with, only its target may be lacking. https://docs.aws.amazon.com/iot/latest/apireference/API_CreateJob.html
  if (name === "ResourceNotFoundException") return new NoSuchTarget(told, { cause: error });
  return new Undeliverable(told, { cause: error });
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "an error";
}
