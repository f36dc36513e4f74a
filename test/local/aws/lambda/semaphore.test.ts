import fc from "fast-check";
import { expect, test } from "vitest";
import { createSemaphore } from "../../../../local/aws/lambda/semaphore.ts";

test("never more than its count, in the order they came, and a turn given up is not lost", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.boolean(), { maxLength: 12 }),
      async (scheduler, count, givesUp) => {
        const semaphore = createSemaphore(count);
        const entered: number[] = [];
        let inside = 0;
        const visits = givesUp.map(async (abandon, visitor) => {
          const abort = new AbortController();
          const visit = semaphore.acquire(abort.signal).then(async (release) => {
            entered.push(visitor);
            inside += 1;
            expect(inside).toBeLessThanOrEqual(count);
            await scheduler.schedule(Promise.resolve());
            inside -= 1;
            release();
            release();
          });
          if (abandon) scheduler.schedule(Promise.resolve()).then(() => abort.abort(new Error("given up")));
          await visit.catch((error: Error) => expect(error.message).toBe("given up"));
        });
        await scheduler.waitFor(Promise.all(visits));
        expect(entered).toEqual(entered.toSorted((a, b) => a - b));
        expect(givesUp.flatMap((abandon, visitor) => (abandon ? [] : [visitor]))).toEqual(
          entered.filter((visitor) => !givesUp[visitor]),
        );
        for (let turn = 0; turn < count; turn += 1) await semaphore.acquire(AbortSignal.timeout(1000));
      },
    ),
    { numRuns: 50 },
  );
});
