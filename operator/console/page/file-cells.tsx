import type { FileLine } from "../api.ts";
import { Link } from "./link.tsx";
import { Age, State } from "./marks.tsx";
import { fileAddress } from "./route.ts";

/** The cells of a file of a device: state, file, version, age, reason. @param hasFile false where all lines are of one file */
export function FileCells({ line, hasFile = true }: { line: FileLine; hasFile?: boolean }) {
  const { state, path, key, at, reason } = line;
  return (
    <>
      <td>
        <State state={state} />
        {reason !== undefined && <span class="narrow reason">{reason}</span>}
      </td>
      {hasFile && (
        <td class="name">{key === undefined ? path : <Link to={fileAddress(key)}>{path}</Link>}</td>
      )}
      <td class="wide">
        <Version line={line} />
      </td>
      <td class="number">
        <Age at={at} />
      </td>
      <td class="wide reason">{reason}</td>
    </>
  );
}

/** What it has; and what it was told of, where that is another. */
export function Version({ line: { state, has, wanted, hasN, wantedN } }: { line: FileLine }) {
  const isThere = state === "installed" || state === "unchanged";
  const isSame = wanted === undefined || has === wanted || (has === undefined && isThere);
  if (wanted === undefined && has === undefined) return <span>–</span>;
  if (isSame) return <Content short={wanted ?? has} n={wantedN ?? hasN} />;
  return (
    <span
      class="versions"
      title={
        has === undefined
          ? "What it has is not known; it was told of"
          : "What it has, and what it was told of"
      }
    >
      <span class="visually-hidden">has </span>
      <Content short={has} n={hasN} />
      <span aria-hidden="true"> → </span>
      <span class="visually-hidden">, was told of </span>
      <Content short={wanted} n={wantedN} />
    </span>
  );
}

function Content({ short, n }: { short: string | undefined; n: number | undefined }) {
  if (short === undefined) return <span>?</span>;
  if (n === undefined) return <code title="How the SHA-256 of the content begins">{short}</code>;
  return <code title={`SHA-256 begins with ${short}`}>v{n}</code>;
}
