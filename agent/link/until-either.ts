/** `AbortSignal.any` would leave something behind at each call, on a signal that lasts as long as the agent. */
export async function untilEither<Result>(
  first: AbortSignal,
  second: AbortSignal,
  task: (either: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const either = new AbortController();
  const abort = () => either.abort(first.aborted ? first.reason : second.reason);
  const signals = [first, second];
  if (signals.some(({ aborted }) => aborted)) abort();
  for (const signal of signals) signal.addEventListener("abort", abort);
  try {
    return await task(either.signal);
  } finally {
    for (const signal of signals) signal.removeEventListener("abort", abort);
  }
}
