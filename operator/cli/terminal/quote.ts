/** A word as a POSIX shell reads it back. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
