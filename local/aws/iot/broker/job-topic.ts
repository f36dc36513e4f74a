/** A command of Jobs that a topic stands for. `thing` is who it is about, whoever sends it. */
export type JobTopic = { thing: string } & (
  | { command: "get" | "start-next" }
  | { command: "describe" | "update"; jobId: string }
  | { command: "unknown" }
);

const JOBS_TOPIC = /^\$aws\/things\/([^/]+)\/jobs\/(.+)$/s;
const OF_ONE_JOB = /^(\$next|[a-zA-Z0-9_-]{1,64})\/(get|update)$/;

/**
 * What a topic below `$aws/things/<thing>/jobs/` asks for; undefined for a topic of anything else.
 * https://docs.aws.amazon.com/iot/latest/developerguide/reserved-topics.html
 */
export function parseJobTopic(topic: string): JobTopic | undefined {
  const [, thing, rest] = JOBS_TOPIC.exec(topic) ?? [];
  if (thing === undefined || rest === undefined) return undefined;
  if (rest === "get" || rest === "start-next") return { thing, command: rest };
  const [, jobId, verb] = OF_ONE_JOB.exec(rest) ?? [];
  if (jobId === undefined || (jobId === "$next" && verb === "update")) return { thing, command: "unknown" };
  return { thing, jobId, command: verb === "get" ? "describe" : "update" };
}
