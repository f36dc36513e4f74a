import { ControlError } from "./control-error.ts";

/** A function whose processes can be killed; `kill` says how many there were. */
export type KillableFunction = { name: string; kill(): number };

/**
 * Finds a function by its name in the template, or by that of its folder: `FileNotifierFunction`, `file-notifier`.
 *
 * @throws {ControlError} 404, that names those there are.
 */
export function findFunction(functions: readonly KillableFunction[], name: string): KillableFunction {
  const found =
    functions.find((each) => each.name === name) ??
    functions.find((each) => plain(each.name) === plain(name));
  if (found !== undefined) return found;
  const names = functions.map((each) => each.name).join(", ");
  throw new ControlError(404, "unknown-function", `no function is called ${name}; there are ${names}`);
}

function plain(name: string): string {
  return name
    .toLowerCase()
    .replaceAll("-", "")
    .replace(/function$/, "");
}
