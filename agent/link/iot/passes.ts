import * as v from "valibot";
import { folderOf, parseTarget } from "../../../protocol/target.ts";
import { jsonRecord } from "../../state/json-record.ts";
import { owedWrite } from "../../state/owed-write.ts";
import type { Fetchable } from "../link.ts";

const Pass = v.object({ sig: v.string(), at: v.string() });
const Record = v.object({ version: v.literal(1), last: v.string(), passes: v.record(v.string(), Pass) });

/** Passes that are kept: a thing is in at most ten groups, and leaves some whose files it still waits for. */
const MAX_PASSES = 32;

/** What opens the files of one target, at the origin `at`. [NF-12.7] */
export type Pass = { for: string; sig: string; at: string };

/**
 * The passes that jobs brought, on disk: a file may have to be fetched long after the job ended that brought its pass.
 */
export type Passes = {
  /**
   * On disk when it returns, unless the disk does not take it: then the next call is to bring it there. The job that it came with is there until its
   * manifest is in place.
   */
  keep(target: string, pass: Omit<Pass, "for">): Promise<void>;
  /**
   * That for a file of its target; for what is packed, which any opens, the last one that was not refused, or the last. Undefined where no job
   * has told of any.
   */
  for(what: Fetchable): Pass | undefined;
  /** The server did not take a pass: until its target is told of another, those of others come before it. */
  refuse(pass: Pass): void;
  /** That which came last. */
  last(): Pass | undefined;
};

export async function openPasses(file: string): Promise<Passes> {
  const record = jsonRecord(file, Record);
  const { last: lastTarget, passes: before } = (await record.read()) ?? { last: "", passes: {} };
  const passes = new Map(Object.entries(before));
  let last = lastTarget;
  const { write, catchUp } = owedWrite(() =>
    record.write({ version: 1, last, passes: Object.fromEntries(passes) }),
  );
  const refused = new Set<string>();
  const passOf = (target: string): Pass | undefined => {
    const its = passes.get(target);
    return its && { for: target, ...its };
  };
  return {
    async keep(target, { sig, at }) {
      const its = passes.get(target);
      if (last === target && its?.sig === sig && its.at === at) return catchUp();
      refused.delete(target);
      passes.delete(target); // to come last
      passes.set(target, { sig, at });
      last = target;
      const oldest = [...passes.keys()].find((uid) => parseTarget(uid)?.kind !== "thing");
      if (passes.size > MAX_PASSES && oldest !== undefined) passes.delete(oldest);
      await write().catch(() => undefined);
    },
    last: () => passOf(last),
    refuse: (pass) => void refused.add(pass.for),
    for(what) {
      if ("packed" in what) return passOf([...passes.keys()].findLast((uid) => !refused.has(uid)) ?? last);
      const owner = [...passes.keys()].find((uid) => isOwn(uid, what.key));
      return owner === undefined ? passOf(last) : passOf(owner);
    },
  };
}

function isOwn(uid: string, key: string): boolean {
  const target = parseTarget(uid);
  return target !== undefined && key.startsWith(folderOf(target));
}
