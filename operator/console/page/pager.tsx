import { Link } from "./link.tsx";

/** On to the next page of a list; the browser's own way back leads to the one before. */
export function Pager({ first, next }: { first: string | undefined; next: string | undefined }) {
  if (first === undefined && next === undefined) return null;
  return (
    <nav class="pager" aria-label="Pages of the list">
      {first !== undefined && (
        <Link to={first} class="button">
          First page
        </Link>
      )}
      {next !== undefined && (
        <Link to={next} class="button">
          Next page
        </Link>
      )}
    </nav>
  );
}
