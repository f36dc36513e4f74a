import { LinkDown } from "../link/link.ts";

/** Times that others may leave while a report does not, before it is given up: another one that finds room just then says little by itself. */
const MAX_PASSED = 5;

/** Reports in a row that may not be taken before the link counts as one without room. */
const MAX_REFUSED = 2;

/** Links in a row that may break at reports, before none are offered for a while: files must get to the device all the same. */
const MAX_BROKEN = 3;

/** Milliseconds of that while, doubling. */
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** What is known against a report in this run of the agent. */
type Trouble = { refusals: number; breaks: boolean; passed: number };

const NO_TROUBLE: Trouble = { refusals: 0, breaks: false, passed: 0 };

/**
 * Offers reports to links, so that one which is never taken, or at which the link breaks each time, holds up no other. Whether a link has
 * no room or does not like a report it cannot tell: that others leave meanwhile tells. [NF-9.6]
 */
export type ReportTurns<Report> = {
  /**
   * Offers each until the link seems to have no room, in their order as long as nothing is known against one.
   *
   * @param offer whether the link took it
   * @param end told of each that left, or was given up
   * @throws what `offer` throws
   */
  offerAll(
    reports: readonly Report[],
    offer: (report: Report) => Promise<boolean>,
    end: (report: Report, isGivenUp: boolean) => void,
  ): Promise<void>;
  /** Milliseconds for which nothing is offered. */
  pauseMs(): number;
};

/** @param now milliseconds, monotonic */
export function createReportTurns<Report extends object>(
  now: () => number = () => performance.now(),
): ReportTurns<Report> {
  const troubles = new WeakMap<Report, Trouble>();
  const of = (report: Report) => troubles.get(report) ?? NO_TROUBLE;
  const note = (report: Report, news: Partial<Trouble>) =>
    void troubles.set(report, { ...of(report), ...news });
  let broken = 0;
  let pauses = 0;
  let pausedUntil = Number.NEGATIVE_INFINITY;

  /** The first in their order; after a refusal that which was refused least. What breaks links comes last. */
  function next(untried: readonly Report[], isProbe: boolean): Report | undefined {
    const harmless = untried.filter((report) => !of(report).breaks);
    const among = harmless.length > 0 ? harmless : untried;
    if (!isProbe && harmless.length > 0) return among[0];
    return among.toSorted((a, b) => of(a).refusals - of(b).refusals)[0];
  }

  /** @returns whether it is given up */
  function pass(report: Report): boolean {
    note(report, { passed: of(report).passed + 1 });
    return of(report).passed >= MAX_PASSED;
  }

  function hasBroken(): void {
    broken += 1;
    if (broken < MAX_BROKEN) return;
    pausedUntil = now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** pauses);
    pauses += 1;
  }

  return {
    pauseMs: () => Math.max(0, pausedUntil - now()),
    async offerAll(reports, offer, end) {
      if (now() < pausedUntil) return;
      const untried = new Set(reports);
      /** Those that were refused since another one was taken. */
      let refused: Report[] = [];
      let anyRefused = false;
      let anyTaken = false;
      while (refused.length < MAX_REFUSED) {
        const report = next([...untried], refused.length > 0);
        if (report === undefined) return;
        untried.delete(report);
        let isTaken: boolean;
        try {
          isTaken = await offer(report);
        } catch (error) {
          if (!(error instanceof LinkDown)) throw error;
          note(report, { breaks: true, refusals: of(report).refusals + 1 });
          hasBroken();
          if (anyTaken && pass(report)) end(report, true);
          throw error;
        }
        if (!isTaken) {
          note(report, { refusals: of(report).refusals + 1 });
          refused.push(report);
          anyRefused = true;
          continue;
        }
        end(report, false);
        anyTaken = true;
        [broken, pauses] = [0, 0];
        for (const each of refused) if (pass(each)) end(each, true);
        refused = [];
        // There is room: that others were refused was for the lack of it.
        if (!anyRefused) for (const each of untried) note(each, { refusals: 0 });
      }
    },
  };
}
