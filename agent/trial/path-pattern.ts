/** What one place in a pattern does with a character: it may take it and `stay`, or take it and `move` on to the next place. */
type Step = {
  stay(character: string): boolean;
  move(character: string): boolean;
  /** How many places may be left out, this one included. */
  skip: 0 | 1 | 2;
};

const never = () => false;
const always = () => true;
const withinSegment = (character: string) => character !== "/";

/**
 * Compiles a pattern of paths: `*` and `?` stay within a segment, `**` crosses them, and what stands before a slash after a `**`
 * may be absent.
 *
 * Every place of the pattern is looked at once for each character, so that no pattern makes any path take long. A regular
 * expression tries one way after the other: some patterns would take it minutes.
 */
export function compilePattern(pattern: string): (path: string) => boolean {
  const steps = (pattern.match(/\*\*\/|\*\*|./gsu) ?? []).flatMap(stepsOf);
  return (path) => {
    let reached = reach(steps, [0]);
    for (const character of path) {
      const next: number[] = [];
      for (const at of reached) {
        if (steps[at]?.stay(character)) next.push(at);
        if (steps[at]?.move(character)) next.push(at + 1);
      }
      if (next.length === 0) return false;
      reached = reach(steps, next);
    }
    return reached.has(steps.length);
  };
}

function stepsOf(token: string): Step[] {
  switch (token) {
    case "**/":
      return [
        { stay: never, move: never, skip: 2 },
        { stay: always, move: (character) => character === "/", skip: 0 },
      ];
    case "**":
      return [{ stay: always, move: never, skip: 1 }];
    case "*":
      return [{ stay: withinSegment, move: never, skip: 1 }];
    case "?":
      return [{ stay: never, move: withinSegment, skip: 0 }];
    default:
      return [{ stay: never, move: (character) => character === token, skip: 0 }];
  }
}

/** The places themselves, and those reached from them by leaving places out; each once. */
function reach(steps: readonly Step[], from: readonly number[]): Set<number> {
  const reached = new Set(from);
  // A set gives what is added while it is gone through, too.
  for (const at of reached) for (let skip = steps[at]?.skip ?? 0; skip > 0; skip -= 1) reached.add(at + skip);
  return reached;
}
