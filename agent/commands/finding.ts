import * as v from "valibot";
import { sentenceOf } from "../system/errno.ts";

/** One thing that was looked at. `advice` is what to do about it; of what is `ok`, it is a warning. */
export type Finding = { what: string; ok: boolean; detail: string; advice?: string };

/** Makes a finding of what a task returns or, if it fails, of why and of the advice. */
export async function look(what: string, advice: string, task: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, detail: await task() };
  } catch (error) {
    const detail = error instanceof v.ValiError ? "an answer without sense" : sentenceOf(error);
    return { what, ok: false, detail, advice };
  }
}
