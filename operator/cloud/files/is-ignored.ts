/** What editors, file managers and git leave behind: nobody means a device to get it. */
export function isIgnored(name: string): boolean {
  return [".DS_Store", "Thumbs.db", ".git"].includes(name) || name.endsWith("~");
}
