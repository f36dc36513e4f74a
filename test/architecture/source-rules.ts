export type SourceFile = { file: string; source: string };

const MAX_LINES = 250;
const MAX_ENTRY_LINES: Readonly<Record<string, number>> = { "index.ts": 15, "main.ts": 40 };

/** Names that say nothing of what is inside. */
const EMPTY_NAMES = new Set([
  "utils",
  "util",
  "common",
  "commons",
  "helpers",
  "helper",
  "misc",
  "shared",
  "lib",
]);

/** Files that read the environment and are no entry, each with its reason. */
export const READS_ENVIRONMENT: ReadonlyMap<string, string> = new Map([
  [
    "local/aws/lambda/runtime/rapid-client.ts",
    "stands in for AWS's addon, which finds the Runtime API by its variable",
  ],
  [
    "local/aws/lambda/runtime/runtime-http.ts",
    "takes the secret out of the environment before the function is loaded",
  ],
  ["local/template/synthesise.ts", "hands the whole environment on to the CDK app"],
]);

/** The rules on layout that a file breaks, each as a sentence. */
export function sourceBreaches({ file, source }: SourceFile): string[] {
  const folders = file.split("/").slice(0, -1);
  const name = file.slice(file.lastIndexOf("/") + 1);
  const lines = source.split("\n").length - (source.endsWith("\n") ? 1 : 0);
  const most = MAX_ENTRY_LINES[name] ?? MAX_LINES;
  const rules: [boolean, string][] = [
    [lines > most, `has ${lines} lines, at most ${most} are allowed`],
    [!/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.d)?\.tsx?$/.test(name), "is not named in kebab-case"],
    [
      folders.some((folder, depth) => EMPTY_NAMES.has(folder) && depth > 0),
      "lies in a folder whose name says nothing",
    ],
    [EMPTY_NAMES.has(name.replace(/\.tsx?$/, "")), "has a name that says nothing"],
    [/^export (?:default\b|\{[^}]*\bas default\b)/m.test(source), "has a default export"],
    [
      /^export (?:type )?(?:\*|\{[^}]*\})[^;\n]*\bfrom\b/m.test(source),
      "re-exports: import from where it is written",
    ],
    [/\bprocess\s*\.\s*env\b|\bprocess\s*\[/.test(source) && !mayReadEnvironment(file), "reads process.env"],
  ];
  return rules.filter(([broken]) => broken).map(([, sentence]) => `${file} ${sentence}`);
}

function mayReadEnvironment(file: string): boolean {
  return (
    /(?:^|\/)(?:index|main|env)\.ts$/.test(file) ||
    file === "bin/app.ts" ||
    file === "bin/cdk.ts" ||
    file.startsWith("bench/") ||
    READS_ENVIRONMENT.has(file)
  );
}
