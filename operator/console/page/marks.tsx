import { useEffect, useState } from "preact/hooks";
import type { ShownState, Stage } from "../api.ts";
import { ageOf, isShownState, type Kind, STAGES, STATES, timeOf } from "./words.ts";

/** Each state has a shape of its own, so that no colour is needed to tell them apart. Drawn in 16 by 16. */
const SHAPES: Readonly<Record<ShownState, string>> = {
  installed: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm-1 10L3.800 7.800l1.200-1.200L7 8.600l4-4 1.200 1.200z",
  unchanged: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zM4 5.500h8v1.700H4zm0 3.300h8v1.700H4z",
  announced:
    "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 1.700a5.300 5.300 0 1 1 0 10.600A5.300 5.300 0 0 1 8 2.700zM7.200 4.500h1.600v3.200l2.300 2.300-1.100 1.100-2.800-2.800z",
  "not-announced": "M8 1 15.500 14.500H.500zM7.200 6v4.500h1.600V6zm0 5.500v1.600h1.600v-1.600z",
  refused: "M5 1h6l4 4v6l-4 4H5l-4-4V5zM4 7.100v1.800h8V7.100z",
  failed:
    "M8 .500 15.500 8 8 15.500.500 8zM5.500 4.500l-1 1L7 8l-2.500 2.500 1 1L8 9l2.500 2.500 1-1L9 8l2.500-2.500-1-1L8 7z",
  "rolled-back": "M6 1v3h3.500a5 5 0 0 1 0 10H4v-1.800h5.500a3.200 3.200 0 0 0 0-6.400H6v3L1 5z",
  stopped: "M2 2h12v12H2zM5 5v6h6V5z",
  removed: "M2 7h12v2H2z",
  discarded: "M2 7h12v2H2z",
  missing:
    "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zM7.200 11.200h1.600v1.600H7.200zM5.300 6.200C5.300 2.900 10.700 3 10.700 6.200c0 2-1.900 2-1.900 3.800H7.200c0-2.700 1.800-2.800 1.800-3.800 0-1.200-2-1.200-2 0z",
  differs:
    "M2 4.500h6.800L10.200 1.500l1.500.700-1 2.300H14v1.800H9.900L8.400 9.700H14v1.800H7.600l-1.400 3-1.500-.700 1-2.300H2V9.700h4.600l1.500-3.400H2z",
  "held-back": "M3 2h4v12H3zM9 2h4v12H9z",
  overruled: "M8 .500 15.500 8 8 15.500.500 8zM8 3.200 3.200 8 8 12.800 12.800 8z",
  waiting: "M3 1h10v3L9.500 8l3.500 4v3H3v-3l3.500-4L3 4z",
  left: "M2 2h6v1.800H3.800v8.400H8V14H2zM10 4.500 13.500 8 10 11.500V9H6V7h4z",
};

const STAGE_SHAPES: Readonly<Record<Stage, string>> = {
  current: SHAPES.installed,
  behind: SHAPES.announced,
  "not-heard": SHAPES.missing,
  exceptions: SHAPES["not-announced"],
};

/** A state as a shape and a word. */
export function State({ state }: { state: string }) {
  if (!isShownState(state)) return <span class="state over">{state}</span>;
  return <Mark {...STATES[state]} shape={SHAPES[state]} />;
}

/** How far a device is with its fleet's manifest, the same way. */
export function StageMark({ stage }: { stage: Stage }) {
  return <Mark {...STAGES[stage]} shape={STAGE_SHAPES[stage]} />;
}

type MarkProps = { word: string; kind: Kind; means: string; shape: string; n?: number };

function Mark({ word, kind, means, shape, n }: MarkProps) {
  return (
    <span class={`state ${kind}`} title={means}>
      <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
        <path d={shape} fill-rule="evenodd" />
      </svg>
      {n === undefined ? word : `${n.toLocaleString("en")} ${word}`}
    </span>
  );
}

/** How many are in which state: `18 installed, 1 rolled back`. */
export function StateCounts({ states }: { states: readonly (readonly [ShownState, number])[] }) {
  return (
    <span class="counts">
      {states.map(([state, n]) => (
        <Mark key={state} {...STATES[state]} shape={SHAPES[state]} n={n} />
      ))}
    </span>
  );
}

export function StageCounts({ stages }: { stages: readonly (readonly [Stage, number])[] }) {
  return (
    <span class="counts">
      {stages.map(([stage, n]) => (
        <Mark key={stage} {...STAGES[stage]} shape={STAGE_SHAPES[stage]} n={n} />
      ))}
    </span>
  );
}

const TICK_MS = 5_000;

/** The time now, every few seconds. */
function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const ticking = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(ticking);
  }, []);
  return now;
}

/** How long ago; in full where the pointer rests. */
export function Age({ at }: { at: number }) {
  const now = Math.max(useNow(), at);
  if (at === 0) return <span>–</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={timeOf(at)}>
      {ageOf(at, now)}
    </time>
  );
}
