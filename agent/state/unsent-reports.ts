import * as v from "valibot";
import { Inventory } from "../../protocol/inventory.ts";
import { ManifestReceipt } from "../../protocol/manifest-receipt.ts";
import { Receipt, ReportNumber } from "../../protocol/receipt.ts";
import { jsonRecord } from "./json-record.ts";

/** What the agent has to say: a receipt, an inventory or the receipt of a manifest; without a number until it gets one. */
export const Unsent = v.union([
  v.object({ ...Receipt.entries, n: v.optional(ReportNumber) }),
  v.object({ ...Inventory.entries, n: v.optional(ReportNumber) }),
  v.object({ ...ManifestReceipt.entries, n: v.optional(ReportNumber) }),
]);
export type Unsent = v.InferOutput<typeof Unsent>;

/** What it is about, for people: a key or a fleet. */
export function aboutOf(report: Unsent): string | undefined {
  if (report.state === "inventory") return undefined;
  return report.state === "manifest" ? report.fleet : report.name;
}

const Outcome = v.object({
  installed: v.number(),
  unchanged: v.number(),
  removed: v.number(),
  bytes: v.number(),
  requests: v.number(),
  /** Path, state and reason of the first file that cannot be had for good. */
  failure: v.optional(v.tuple([v.string(), v.string(), v.string()])),
});

/** How a manifest ended. */
export type ManifestOutcome = v.InferOutput<typeof Outcome>;

/** What was said of a manifest: which, what, whether something of it was still to be delivered, and how it ended so far. */
const ToldManifest = v.object({
  serial: v.number(),
  said: v.string(),
  isWhole: v.boolean(),
  outcome: v.fallback(v.optional(Outcome), undefined),
});
export type ToldManifest = v.InferOutput<typeof ToldManifest>;

const Record = v.object({
  version: v.literal(1),
  /** The last number that was given. */
  n: v.optional(ReportNumber),
  /** The digest of the last inventory, and its number. */
  told: v.optional(v.object({ digest: v.string(), n: ReportNumber })),
  /** By fleet. In one file with the receipts: what was said is on disk with what says it, or neither is. */
  manifests: v.fallback(v.optional(v.record(v.string(), ToldManifest)), undefined),
  reports: v.array(Unsent),
});

/** The agent's memory of what it has said, and has still to say. [NF-9.6] [NF-9.7] */
export type SaidAndUnsent = Omit<v.InferOutput<typeof Record>, "version">;

export type UnsentReports = {
  read(): Promise<SaidAndUnsent>;
  /** On disk when it returns. */
  write(state: SaidAndUnsent): Promise<void>;
};

export function openUnsentReports(file: string): UnsentReports {
  const record = jsonRecord(file, Record);
  return {
    read: async () => (await record.read()) ?? { reports: [] },
    write: ({ n, told, manifests, reports }) => record.write({ version: 1, n, told, manifests, reports }),
  };
}
