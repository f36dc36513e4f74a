import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { holdOrder } from "./hold-order.ts";

/** Keeps rows in their places while the focus is among them: one that moved would take it along, or lose it. */
export function useSteadyOrder<T>(
  rows: readonly T[],
  keyOf: (row: T) => string,
): { rows: readonly T[]; body: RefObject<HTMLTableSectionElement | null> } {
  const body = useRef<HTMLTableSectionElement>(null);
  const before = useRef<readonly string[]>([]);
  const [, redraw] = useState(0);
  const isEmpty = rows.length === 0; // then there may be no table yet
  useEffect(() => {
    const held = body.current;
    const onLeave = () => setTimeout(() => redraw((n) => n + 1)); // once it is known where the focus went
    held?.addEventListener("focusout", onLeave);
    return () => held?.removeEventListener("focusout", onLeave);
  }, [isEmpty]);
  const isHeld = body.current?.contains(document.activeElement) === true;
  const ordered = isHeld ? holdOrder(rows, keyOf, before.current) : rows;
  before.current = ordered.map(keyOf);
  return { rows: ordered, body };
}
