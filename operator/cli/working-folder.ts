/** Where a person is: `npm run` goes to the project's folder first, and says where it was called. */
export function workingFolder(env: Readonly<Partial<Record<string, string>>>, cwd: string): string {
  return env.npm_lifecycle_event === "noteferry" ? (env.INIT_CWD ?? cwd) : cwd;
}
