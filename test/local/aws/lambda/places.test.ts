import fc from "fast-check";
import { expect, test } from "vitest";
import { createPlaces } from "../../../../local/aws/lambda/places.ts";

test("never more than the places, in the order they came, and a place given up is not lost", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.boolean(), { maxLength: 12 }),
      async (scheduler, count, givesUp) => {
        const places = createPlaces(count);
        const entered: number[] = [];
        let inside = 0;
        const visits = givesUp.map(async (abandon, visitor) => {
          const abort = new AbortController();
          const visit = places.enter(abort.signal).then(async (leave) => {
            entered.push(visitor);
            inside += 1;
            expect(inside).toBeLessThanOrEqual(count);
            await scheduler.schedule(Promise.resolve());
            inside -= 1;
            leave();
            leave();
          });
          if (abandon) scheduler.schedule(Promise.resolve()).then(() => abort.abort(new Error("given up")));
          await visit.catch((error: Error) => expect(error.message).toBe("given up"));
        });
        await scheduler.waitFor(Promise.all(visits));
        expect(entered).toEqual(entered.toSorted((a, b) => a - b));
        expect(givesUp.flatMap((abandon, visitor) => (abandon ? [] : [visitor]))).toEqual(
          entered.filter((visitor) => !givesUp[visitor]),
        );
        for (let place = 0; place < count; place += 1) await places.enter(AbortSignal.timeout(1000));
      },
    ),
    { numRuns: 50 },
  );
});
