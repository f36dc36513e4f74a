import fc from "fast-check";
import type { Report } from "../../../../functions/delivery-recorder/event/report.ts";
import { formatInventory } from "../../../../protocol/inventory.ts";
import type { InventoryCheck } from "../../../../protocol/known-device.ts";
import { createPost } from "./model-post.ts";

export const PATHS = ["a", "b", "c"];
const SHA256 = ["A", "B", "C"].map((letter) => letter.repeat(43));

type Files = Map<string, string>;

/** What happens at a device, and what it then has; each is reported under the next number. */
export type Happening =
  /** Its clock is wrong from here on; it may be out of reach. */
  | { aheadMs: number }
  | { isOnline: boolean }
  | { what: "installs" | "fails" | "stops" | "removes" | "keeps"; path: string; sha256: string }
  /** Is told again of all that it should have. */
  | { what: "is-resent"; files: Files }
  | { what: "tells" | "is-wiped"; listed: boolean }
  | { what: "is-restored"; listed: boolean; files: Files };

const DAY_MS = 24 * 60 * 60_000;

export const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    aheadMs: fc.constantFrom(0, 0, 500, 3 * 60_000, 23 * 60 * 60_000, 400 * DAY_MS, -400 * DAY_MS),
  }),
  fc.record({ isOnline: fc.boolean() }),
  fc.record({
    what: fc.constantFrom("installs", "fails", "stops", "removes", "keeps"),
    path: fc.constantFrom(...PATHS),
    sha256: fc.constantFrom(...SHA256),
  }),
  fc.record({
    what: fc.constant("is-resent"),
    files: fc
      .array(fc.tuple(fc.constantFrom(...PATHS), fc.constantFrom(...SHA256)), { minLength: 1 })
      .map((files) => new Map(files)),
  }),
  fc.record({ what: fc.constantFrom("tells", "is-wiped"), listed: fc.boolean() }),
  fc.record({
    what: fc.constant("is-restored"),
    listed: fc.boolean(),
    files: fc
      .array(fc.tuple(fc.constantFrom(...PATHS), fc.constantFrom(...SHA256)))
      .map((files) => new Map(files)),
  }),
);

/** A device's life: its reports in their order, what is on it in the end, and what is known of that. */
export type Life = {
  reports: Report[];
  files: Files;
  /** Of the last inventory, if that came without its list. */
  verdict: InventoryCheck["verdict"] | undefined;
  /** What was there then is heard of in some report: it depends on their order whether that is noticed. */
  provable: boolean;
};

const STATES = {
  installs: "installed",
  fails: "failed",
  stops: "stopped",
  removes: "removed",
  keeps: "unchanged",
} as const;

export function live(device: string, happenings: readonly Happening[]): Life {
  let files: Files = new Map();
  /** What was heard of each path, in order; the last inventory without a list. */
  let believed: Map<string, string | undefined> = new Map();
  let hasList = false;
  let total: { hasList: boolean; files: Files; before: Files; known: Set<string> } | undefined;
  /** What was heard of each path since then, in order. */
  const heardSince = new Map<string, { state: string; sha256: string }[]>();
  const whole = new Set<string>();
  const post = createPost(device);
  happenings.forEach((each, index) => {
    post.pass(index);
    if ("aheadMs" in each) post.setClock(each.aheadMs);
    else if ("isOnline" in each) post.setOnline(each.isOnline);
    else if ("listed" in each) {
      if (each.what !== "tells") post.forget();
      if (each.what === "is-wiped") files = new Map();
      if (each.what === "is-restored") files = new Map(each.files);
      const placed = [...files].map(([path, sha256]) => ({ path, sha256 }));
      const inventory = formatInventory(placed, 1);
      if (!each.listed) inventory.files = undefined; // as if it were too long
      post.say({ kind: "inventory", inventory });
      heardSince.clear();
      const there = [...believed].flatMap(([path, sha256]) =>
        sha256 === undefined ? [] : [[path, sha256] as const],
      );
      total = each.listed
        ? undefined
        : { hasList, files: new Map(files), before: new Map(there), known: new Set(believed.keys()) };
      if (each.listed) {
        hasList = true;
        const paths = new Set([...believed.keys(), ...files.keys()]);
        believed = new Map([...paths].map((path) => [path, files.get(path)]));
      }
    } else if ("files" in each) {
      for (const [path, sha256] of each.files) {
        const state = files.get(path) === sha256 ? "unchanged" : "installed";
        tellOf({ path, state, sha256 });
      }
    } else {
      const { what, path, sha256 } = each;
      tellOf({ path, state: STATES[what], sha256: what === "keeps" ? files.get(path) : sha256 });
    }
  });
  const verdict = total === undefined ? undefined : judge(total);
  return { reports: post.received(), files, verdict, provable: total !== undefined && isProvable(total) };

  function tellOf({
    path,
    state,
    sha256,
  }: {
    path: string;
    state: (typeof STATES)[keyof typeof STATES];
    sha256: string | undefined;
  }): void {
    if (sha256 === undefined) return; // nothing is there that could be unchanged
    if (state === "installed") files.set(path, sha256);
    if (state === "removed") files.delete(path);
    if (state === "installed" || state === "removed" || state === "unchanged") {
      believed.set(path, files.get(path));
      heardSince.set(path, [...(heardSince.get(path) ?? []), { state, sha256 }]);
    }
    whole.add(`${path} ${sha256}`);
    const reason = state === "failed" ? { reason: "run" } : {};
    post.say({ kind: "receipt", receipt: { name: path, sha256, state, ...reason, bytes: 1, requests: 1 } });
  }

  function isProvable({ files: had, before }: NonNullable<typeof total>): boolean {
    return PATHS.every((path) => {
      const sha256 = had.get(path);
      const unchanged = heardSince.get(path)?.filter(({ state }) => state === "unchanged");
      return sha256 === before.get(path) || unchanged?.some((each) => each.sha256 === sha256);
    });
  }

  function judge({ hasList: isListed, files: had, before, known }: NonNullable<typeof total>) {
    const firstUnchanged = [...heardSince].flatMap(([path, [first]]) =>
      first?.state === "unchanged" ? [[path, first.sha256] as const] : [],
    );
    const unchangedSince = new Map(firstUnchanged);
    const guesses = [before, new Map([...before, ...unchangedSince])].filter(({ size }) => size === had.size);
    const isWhole = (guess: Files) => [...guess].every(([path, sha256]) => whole.has(`${path} ${sha256}`));
    const isRight = (guess: Files) => [...guess].every(([path, sha256]) => had.get(path) === sha256);
    if (guesses.some((guess) => isWhole(guess) && isRight(guess))) return "agrees";
    const since = [...heardSince.keys()];
    const ofThose = since.filter((path) => before.has(path) || unchangedSince.has(path));
    // A list says of every path whether it is there, of whatever kind the reports are that name it.
    const named = isListed
      ? PATHS.filter((path) => [...whole].some((each) => each.startsWith(`${path} `)))
      : [];
    if ([...known, ...named].every((path) => since.includes(path)) && ofThose.length >= had.size)
      return "outdated";
    return guesses.some((guess) => !isWhole(guess)) ? "unknown" : "differs";
  }
}
