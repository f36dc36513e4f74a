import { openDatabase } from "../../../../../local/aws/iot/database.ts";
import { createJobEngine } from "../../../../../local/aws/iot/jobs/engine.ts";
import type { JobConfig } from "../../../../../local/aws/iot/jobs/job.ts";
import { createJob } from "../../../../../local/aws/iot/jobs/job-commands.ts";
import { openRegistry } from "../../../../../local/aws/iot/registry/registry.ts";
import { ACCOUNT, thingArn } from "./device-policy.ts";

export const MINUTE_MS = 60_000;

/** The state machine alone, with a clock that stands still. */
export function engineUnderTest(things: readonly string[]) {
  const db = openDatabase(":memory:");
  const known = openRegistry(db);
  for (const thing of things) known.addThing(thing);
  const now = { ms: Date.UTC(2026, 0, 1) };
  const engine = createJobEngine({
    ...{ db, registry: known, account: ACCOUNT, clock: () => now.ms },
    eventsEnabled: () => true,
  });
  return {
    ...{ engine, registry: known, now },
    create(
      id: string,
      more: { targets?: string[]; continuous?: boolean; config?: JobConfig; document?: string } = {},
    ) {
      const targets = more.targets ?? things.map(thingArn);
      const { continuous = false, config = {}, document = "{}" } = more;
      return engine.perform((turn) =>
        createJob(turn, { id, document, description: undefined, targets, continuous, config }),
      );
    },
    /** Lets minutes pass, and what is due be done. */
    pass(minutes: number) {
      now.ms += minutes * MINUTE_MS;
      engine.runDue();
    },
    /** Job and status of each pending execution, in order. */
    pending: (thing: string) =>
      engine.perform((turn) =>
        turn.executions.pending(thing).map(({ jobId, status }) => `${jobId} ${status}`),
      ),
    /** The latest execution of the job on each thing. */
    latest: (jobId: string) =>
      engine.perform((turn) =>
        Object.fromEntries(turn.executions.ofJob(jobId).map(({ thing, status }) => [thing, status])),
      ),
    job: (id: string) => engine.perform((turn) => turn.jobs.get(id)),
    [Symbol.dispose]: () => db.close(),
  };
}

export type EngineUnderTest = ReturnType<typeof engineUnderTest>;
