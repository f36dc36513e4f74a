/** One module that a file names, and whether only its types are used. */
export type Import = { specifier: string; typeOnly: boolean };

const STATEMENT = /^(?:import|export)\s+(type\s+)?(?:[\w$*{},\s]*?[\s}]from\s+)?["']([^"'\n]+)["']/gm;
const DYNAMIC = /\b(?:import|require|require\.resolve|import\.meta\.resolve)\(\s*["'`]([^"'`\n]+)["'`]/g;

/**
 * Reads the imports of a TypeScript source as the formatter lays it out: statements start their line.
 *
 * @throws {Error} for an import statement in a form that is not understood, which could hide a breach.
 */
export function readImports(source: string): Import[] {
  const statements = [...source.matchAll(STATEMENT)];
  const begun = source.match(/^import\b(?!\s*[.(])/gm)?.length ?? 0;
  if (statements.filter(([text]) => text.startsWith("import")).length !== begun) {
    throw new Error("an import statement was not understood");
  }
  return [
    ...statements.map(([, type, specifier = ""]) => ({ specifier, typeOnly: type !== undefined })),
    ...[...source.matchAll(DYNAMIC)].map(([, specifier = ""]) => ({ specifier, typeOnly: false })),
  ];
}
