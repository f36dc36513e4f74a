/**
 * Whether `text` matches a pattern in which `*` stands for any run of characters and `?` for one.
 * Linear in space and at worst quadratic in time, which a regular expression built from the pattern would not be.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1; // where the last `*` stood, to come back to
  let resumeAt = 0;
  let p = 0;
  while (at < text.length) {
    if (pattern[p] === "*") {
      star = p++;
      resumeAt = at;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[at])) {
      p++;
      at++;
    } else if (star >= 0) {
      p = star + 1;
      at = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
