import type { Inventory } from "../../protocol/inventory.ts";
import type { ManifestReceipt } from "../../protocol/manifest-receipt.ts";
import type { Receipt } from "../../protocol/receipt.ts";
import type { Link } from "../link/link.ts";
import type { SaidAndUnsent, ToldManifest, Unsent, UnsentReports } from "../state/unsent-reports.ts";
import { createReportTurns } from "./report-turns.ts";

/** A device that cannot send for months must not fill its disk. */
export const MAX_UNSENT_REPORTS = 100;

/** An inventory that says the same again is due after so long: a device put back to an old image shows within a day. */
const TELL_AGAIN_MS = 24 * 60 * 60 * 1000;

/** Reports that no link has taken yet: the newest of them, if there are too many. */
export type Outbox = {
  add(report: Receipt | Omit<Inventory, "n">): void;
  /** Of a fleet's manifests only the newest is worth saying. */
  addManifest(report: Omit<ManifestReceipt, "n">, told: ToldManifest): void;
  /** What was last said, or is about to be, of a fleet's manifest. */
  toldOf(fleet: string): ToldManifest | undefined;
  /** Whether that has left. */
  hasLeft(fleet: string): boolean;
  /** Of a manifest that is not kept any more nothing is to be remembered. */
  forgetManifest(fleet: string): void;
  /**
   * Puts what is unsent on disk, each with its number, and gives it to the link, oldest first, until it takes no more. What the
   * disk does not take is sent all the same; what a link never takes holds up nothing else.
   *
   * @throws {LinkDown}
   */
  send(link: Pick<Link, "report" | "now">): Promise<void>;
  /** Milliseconds until reports are offered again, where links broke at them; undefined where nothing waits for that. */
  opensInMs(): number | undefined;
};

/**
 * INVARIANT: a report that was given to a link keeps its number, so that one which is given twice is one. [NF-9.7]
 *
 * @param givenUp told of a report that a link never took
 * @param now milliseconds, monotonic
 */
export function createOutbox(
  disk: UnsentReports,
  before: SaidAndUnsent,
  { givenUp = () => {}, now }: { givenUp?: (report: Unsent) => void; now?: () => number } = {},
): Outbox {
  let { n, told } = before;
  const manifests = new Map(Object.entries(before.manifests ?? {}));
  let reports: Unsent[] = [...before.reports];
  let saved = true;
  const turns = createReportTurns<Unsent>(now);

  function add(report: Unsent): void {
    reports.push(report);
    if (reports.length > MAX_UNSENT_REPORTS) reports.shift();
    saved = false;
  }

  async function save(): Promise<void> {
    if (saved) return;
    saved = await disk.write({ n, told, manifests: Object.fromEntries(manifests), reports }).then(
      () => true,
      () => false, // a full disk must not keep a device from saying so
    );
  }

  /** Without a time a new state would begin its numbers below those of the state before it. */
  async function number(link: Pick<Link, "now">): Promise<void> {
    if (reports.every((report) => report.n !== undefined)) return;
    const now = await link.now();
    if (now === undefined && n === undefined) return;
    for (const [at, report] of reports.entries()) {
      if (report.n !== undefined) continue;
      // In milliseconds, so that a burst of reports does not run ahead of the time.
      n = Math.max((n ?? 0) + 1, (now ?? 0) * 1000);
      reports[at] = { ...report, n };
      saved = false;
    }
    dropTold();
  }

  /** An inventory that says what the last one said. */
  function dropTold(): void {
    for (const report of reports.filter((each) => each.state === "inventory")) {
      if (report.n === undefined || report.n === told?.n) continue;
      if (told?.digest === report.digest && report.n - told.n < TELL_AGAIN_MS) {
        reports.splice(reports.indexOf(report), 1);
      } else told = { digest: report.digest, n: report.n };
    }
  }

  function end(report: Unsent, isGivenUp: boolean): void {
    reports = reports.filter((each) => each !== report);
    saved = false;
    if (!isGivenUp) return;
    if (report.state === "inventory") told = undefined; // nobody was told
    givenUp(report);
  }

  return {
    add,
    addManifest(report, told) {
      const isOlder = (each: Unsent) => each.state === "manifest" && each.fleet === report.fleet;
      reports = reports.filter((each) => !isOlder(each));
      manifests.set(report.fleet, told);
      add(report);
    },
    toldOf: (fleet) => manifests.get(fleet),
    hasLeft: (fleet) => !reports.some((each) => each.state === "manifest" && each.fleet === fleet),
    forgetManifest(fleet) {
      if (manifests.delete(fleet)) saved = false;
    },
    opensInMs: () => (reports.length > 0 && turns.pauseMs() > 0 ? turns.pauseMs() : undefined),
    async send(link) {
      await number(link);
      await save();
      const offer = ({ n: its, ...rest }: Unsent) =>
        its === undefined ? Promise.resolve(false) : link.report({ ...rest, n: its });
      await turns.offerAll(
        reports.filter((report) => report.n !== undefined),
        offer,
        end,
      );
      await save();
    },
  };
}
