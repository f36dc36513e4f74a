import type { ComponentChildren } from "preact";
import { Link } from "./link.tsx";

type ChipsProps<T extends string> = {
  label: string;
  /** Empty: all. */
  chosen: string;
  counts: readonly (readonly [T, number])[];
  addressFor(each: T | undefined): string;
  mark(each: T, n: number): ComponentChildren;
};

/** A list of all, or of those of one kind, with how many there are. */
export function Chips<T extends string>({ label, chosen, counts, addressFor, mark }: ChipsProps<T>) {
  const all = counts.reduce((sum, [, n]) => sum + n, 0);
  return (
    <nav class="filters" aria-label={label}>
      <Link to={addressFor(undefined)} class="chip" current={chosen === ""}>
        all {all.toLocaleString("en")}
      </Link>
      {counts.map(([each, n]) => (
        <Link key={each} to={addressFor(each)} class="chip" current={chosen === each}>
          {mark(each, n)}
        </Link>
      ))}
    </nav>
  );
}
