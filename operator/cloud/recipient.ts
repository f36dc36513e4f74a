import { KeyRefused } from "../../protocol/key-refused.ts";
import { addressKey, formatTarget, isFolderMarker, parseTarget } from "../../protocol/target.ts";

/** Who gets a key; `problem` says why nobody does. */
export type Recipient = { target: string | undefined; problem?: string };

/** @param defaultTarget UID of who gets what names nobody */
export function recipientOf(key: string, defaultTarget: string | undefined): Recipient {
  if (isFolderMarker(key)) return { target: undefined, problem: "a folder" };
  try {
    const { target } = addressKey(key, defaultTarget === undefined ? undefined : parseTarget(defaultTarget));
    return target === undefined
      ? { target: undefined, problem: "no default target was chosen" }
      : { target: formatTarget(target) };
  } catch (error) {
    if (error instanceof KeyRefused) return { target: undefined, problem: error.message };
    throw error;
  }
}
