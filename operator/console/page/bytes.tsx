import { formatBytes } from "../../words/format-bytes.ts";

/** So many bytes, with their unit; the number itself where the pointer rests. */
export function Bytes({ bytes }: { bytes: number | undefined }) {
  if (bytes === undefined) return <span>–</span>;
  return <span title={`${bytes.toLocaleString("en")} bytes`}>{formatBytes(bytes)}</span>;
}
