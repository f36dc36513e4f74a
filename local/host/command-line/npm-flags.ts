/**
 * Flags that npm took for its own: of `npm start --iot` the program gets nothing, and npm's environment has `npm_config_iot`.
 *
 * @param names without their hyphens at the front
 */
export function takenByNpm(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  return names.filter((name) => (env[`npm_config_${name.replaceAll("-", "_")}`] ?? "") !== "");
}
