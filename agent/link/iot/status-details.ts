import type { JobEnd } from "./judge-job.ts";

/** Characters of a value. https://docs.aws.amazon.com/iot/latest/apireference/API_iot-jobs-data_UpdateJobExecution.html */
const VALUE_MAX_CHARS = 1024;

/** What the end of a job says besides its status: text that is not empty and has no control characters. [NF-13.5] */
export function statusDetailsOf({ serial, outcome, reason }: JobEnd): Record<string, string> {
  const { failure, installed, unchanged, removed, bytes, requests } = outcome ?? {};
  const [path, state, because] = failure ?? [];
  const all = {
    serial,
    installed,
    unchanged,
    removed,
    bytes,
    requests,
    path,
    state,
    reason: reason ?? because,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => {
      const text = value === undefined ? "" : plain(String(value));
      return text === "" ? [] : [[name, text]];
    }),
  );
}

function plain(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\p{C}+/gu, " ")
    .trim()
    .slice(0, VALUE_MAX_CHARS)
    .toWellFormed();
}
