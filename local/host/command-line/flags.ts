import { type ParseArgsConfig, parseArgs } from "node:util";

/** A flag that is unknown or out of bounds. */
export class FlagError extends Error {
  override name = "FlagError" as const;
}

/** @throws {FlagError} that names a flag which is not among the options. */
export function readFlags<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: Options,
) {
  return orFlagError(() => parseArgs({ args: [...args], options }).values);
}

/** Flags, and what is none in its order. @throws {FlagError} that names a flag which is not among the options. */
export function readArguments<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: Options,
) {
  return orFlagError(() => parseArgs({ args: [...args], options, allowPositionals: true }));
}

function orFlagError<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new FlagError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** @throws {FlagError} */
export function wholeNumber(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < min || value > max) {
    throw new FlagError(`--${flag} takes a whole number from ${min} to ${max}, not ${text}`);
  }
  return value;
}
