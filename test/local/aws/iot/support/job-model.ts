/** One execution as the model has it. */
type ModelExecution = {
  jobId: string;
  number: number;
  status: string;
  version: number;
  /** Minutes left in progress. */
  left: number;
};
type ModelJob = { status: string; retries: number; minutes: number };

const ENDS = ["SUCCEEDED", "FAILED", "REJECTED"];

/** What jobs do, said as simply as it can be: a list of executions for each thing, oldest first, and nothing else. */
export class JobModel {
  readonly jobs = new Map<string, ModelJob>();
  readonly lists = new Map<string, ModelExecution[]>();

  constructor(things: readonly string[]) {
    for (const thing of things) this.lists.set(thing, []);
  }

  create(jobId: string, targets: readonly string[], retries: number, minutes: number): string | undefined {
    if (this.jobs.has(jobId)) return "ResourceAlreadyExists";
    this.jobs.set(jobId, { status: "IN_PROGRESS", retries, minutes });
    for (const thing of targets) this.queue(thing, jobId, 1);
    this.settle();
    return undefined;
  }

  pending(thing: string): ModelExecution[] {
    const list = this.list(thing);
    const of = (status: string) => list.filter((each) => each.status === status);
    return [...of("IN_PROGRESS"), ...of("QUEUED")];
  }

  startNext(thing: string): void {
    const [head] = this.pending(thing);
    if (head?.status === "QUEUED") this.change(head, "IN_PROGRESS");
  }

  update(thing: string, jobId: string, status: string, expected: number | undefined): string | undefined {
    const execution = this.list(thing).findLast((each) => each.jobId === jobId);
    if (execution === undefined) return "ResourceNotFound";
    if (expected !== undefined && expected !== execution.version) return "VersionMismatch";
    const takes = ["QUEUED", "IN_PROGRESS"].includes(execution.status);
    if (!takes || ![...ENDS, "IN_PROGRESS"].includes(status)) return "InvalidStateTransition";
    this.change(execution, status);
    this.retry(thing, execution);
    this.settle();
    return undefined;
  }

  cancel(jobId: string, forced: boolean): string | undefined {
    const job = this.jobs.get(jobId);
    if (job === undefined) return "ResourceNotFound";
    if (job.status === "COMPLETED") return "InvalidRequest";
    job.status = "CANCELED";
    for (const list of this.lists.values()) {
      for (const each of list) {
        const goes = each.status === "QUEUED" || (forced && each.status === "IN_PROGRESS");
        if (each.jobId === jobId && goes) this.change(each, "CANCELED");
      }
    }
    return undefined;
  }

  pass(minutes: number): void {
    for (const [thing, list] of this.lists) {
      for (const each of [...list]) {
        if (each.status !== "IN_PROGRESS") continue;
        each.left -= minutes;
        if (each.left > 0) continue;
        this.change(each, "TIMED_OUT");
        this.retry(thing, each);
      }
    }
    this.settle();
  }

  private list(thing: string): ModelExecution[] {
    return this.lists.get(thing) ?? [];
  }

  private queue(thing: string, jobId: string, number: number): void {
    this.list(thing).push({ jobId, number, status: "QUEUED", version: 1, left: 0 });
  }

  private change(execution: ModelExecution, status: string): void {
    if (execution.status === "QUEUED") execution.left = this.jobs.get(execution.jobId)?.minutes ?? 0;
    execution.status = status;
    execution.version += 1;
  }

  private retry(thing: string, { jobId, number, status }: ModelExecution): void {
    const job = this.jobs.get(jobId);
    if (job?.status !== "IN_PROGRESS" || !["FAILED", "TIMED_OUT"].includes(status)) return;
    if (number <= job.retries) this.queue(thing, jobId, number + 1);
  }

  private settle(): void {
    for (const [jobId, job] of this.jobs) {
      const pending = [...this.lists.keys()].some((thing) =>
        this.pending(thing).some((each) => each.jobId === jobId),
      );
      if (job.status === "IN_PROGRESS" && !pending) job.status = "COMPLETED";
    }
  }
}
