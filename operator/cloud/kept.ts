/**
 * An answer for some time, asked for once however many want it. One that failed is asked for anew, at once or after some time: what is down
 * should not be asked at each look.
 */
export function kept<T>(forMs: number, ask: () => Promise<T>, failedForMs = 0): () => Promise<T> {
  let held: { answer: Promise<T>; until: number } | undefined;
  return () => {
    if (held === undefined || Date.now() >= held.until) {
      const asked = { answer: ask(), until: Number.POSITIVE_INFINITY };
      const end = (ms: number) => {
        asked.until = Date.now() + ms;
      };
      asked.answer.then(
        () => end(forMs),
        () => end(failedForMs),
      );
      held = asked;
    }
    return held.answer;
  };
}

export function keptEach<T>(
  forMs: number,
  ask: (of: string) => Promise<T>,
  failedForMs?: number,
): (of: string) => Promise<T> {
  const each = new Map<string, () => Promise<T>>();
  return (of) => {
    const keep = each.get(of) ?? kept(forMs, () => ask(of), failedForMs);
    each.set(of, keep);
    return keep();
  };
}
