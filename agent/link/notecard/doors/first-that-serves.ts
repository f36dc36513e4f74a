import { FetchFailed } from "../../fetch-failed.ts";
import type { Door } from "./door.ts";
import { type Evidence, evidenceOf } from "./speaks-against-door.ts";

/** Failures in a row that speak against a door, rather than against one reply. */
const MAX_DOUBTS = 3;

/** Deliveries in a row that had to do without a door, after which it is no longer looked for with patience. */
const MAX_ABSENCES = 3;

/** What is known of a door. */
type Standing = {
  door: Door;
  hasServed: boolean;
  /** Deliveries in a row that it did not serve, though another one served them. */
  absences: number;
  /** What spoke against it last. */
  evidence: Evidence | undefined;
};

/** What is known of one delivery: the doors that were left, why, and those that served. */
type Delivery = { left: Map<Standing, Evidence>; served: Set<Standing> };

/**
 * One door of several, the first that serves: the range form is the less documented one, and `binary` newer than many a firmware.
 *
 * A door that is not served is left for the next one, and tried again: in the same delivery after 1, 2, 4, 8… fetches if all that
 * speaks against it is a stranger's answer, such as a sign-in page, and in any case at the next delivery. Three deliveries in a
 * row that another door had to serve are evidence: from then on it is tried once a delivery, or, if a try costs bytes that
 * come damaged, no more while this line lasts.
 *
 * @param doors the preferred first
 */
export function firstThatServes([preferred, ...others]: readonly [Door, ...Door[]]): Door {
  const first = newStanding(preferred);
  const standings = [first, ...others.map(newStanding)];
  let delivery: Delivery = { left: new Map(), served: new Set() };
  let current = first;
  let doubts = 0;
  /** Fetches by another door until those that were left are tried again: how many in all, and how many still. */
  let pause = { length: 1, left: 1 };

  const isAbsent = ({ absences }: Standing) => absences >= MAX_ABSENCES;

  /** The next one that is worth a try, from a place on; the last door always is. */
  function usable(from: number): Standing | undefined {
    return standings.slice(from).find((standing, at, { length }) => {
      const evidence = delivery.left.get(standing);
      if (at === length - 1) return true;
      if (evidence !== undefined) return evidence === "strange" && !isAbsent(standing);
      return !(isAbsent(standing) && standing.evidence === "damaged");
    });
  }

  function use(standing: Standing): void {
    if (standing !== current) doubts = 0;
    current = standing;
  }

  /** @returns true if the failure ends this door's part in the fetch. */
  function speaksAgainst(standing: Standing, evidence: Evidence): boolean {
    doubts += 1;
    if (isAbsent(standing) || delivery.left.has(standing) || doubts >= MAX_DOUBTS) return true;
    return evidence !== "damaged" && !standing.hasServed;
  }

  function servedBy(standing: Standing): void {
    Object.assign(standing, { hasServed: true, absences: 0 });
    delivery.served.add(standing);
    if (delivery.left.delete(standing)) pause = { length: 1, left: 1 };
    doubts = 0;
  }

  function beginFetch(): void {
    const best = usable(0) ?? first;
    if (best === current) return;
    pause.left -= 1;
    if (pause.left > 0) return;
    pause = { length: pause.length * 2, left: pause.length * 2 };
    use(best);
  }

  return {
    chunkBytes: () => current.door.chunkBytes(),
    async fetch(file, offset) {
      beginFetch();
      let failure: FetchFailed | undefined;
      for (;;) {
        try {
          const bytes = await current.door.fetch(file, offset);
          servedBy(current);
          return bytes;
        } catch (error) {
          if (!(error instanceof FetchFailed)) throw error;
          const evidence = evidenceOf(error, current.hasServed);
          if (evidence === undefined) {
            doubts = 0;
            throw error;
          }
          if (!speaksAgainst(current, evidence)) {
            // A stranger's answer would end the delivery, so the door is asked again first, at most twice.
            if (evidence !== "damaged") continue;
            throw error;
          }
          const next = standings.indexOf(current) + 1;
          failure ??= error;
          if (next === standings.length) {
            // Nothing is served at all: that is no evidence against any door.
            delivery.left.clear();
            use(usable(0) ?? first);
            throw failure;
          }
          delivery.left.set(current, evidence);
          current.evidence = evidence;
          use(usable(next) ?? current);
        }
      }
    },
    deliveryEnded() {
      for (const standing of delivery.left.keys()) {
        const later = standings.slice(standings.indexOf(standing) + 1);
        if (later.some((other) => delivery.served.has(other))) standing.absences += 1;
      }
      delivery = { left: new Map(), served: new Set() };
      pause = { length: 1, left: 1 };
      use(usable(0) ?? first);
    },
  };
}

function newStanding(door: Door): Standing {
  return { door, hasServed: false, absences: 0, evidence: undefined };
}
