import { isBuiltin } from "node:module";
import path from "node:path";
import type { Import } from "./read-imports.ts";

export type SourceImports = { file: string; imports: Import[] };

export type Packages = { dependencies: ReadonlySet<string>; devDependencies: ReadonlySet<string> };

/** Top-level folders that each may import from, besides itself. bench may import anything but test. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  bin: ["lib", "protocol"],
  lib: ["protocol"], // and the types of functions/*/env.ts
  functions: ["protocol"],
  protocol: [],
  agent: ["protocol"],
  operator: ["protocol"],
  local: ["protocol", "agent", "operator"],
  bench: ["bin", "lib", "functions", "protocol", "agent", "operator", "local"],
};

/**
 * The rooms of `operator/`, and what each may import from the others: both programs act by `cloud`. The page runs in a browser: it has
 * words, and the types of what the server tells it.
 */
const OPERATOR_ROOMS: Readonly<Record<string, readonly string[]>> = {
  cli: ["cloud", "console", "words"],
  console: ["cloud", "words"],
  page: ["words"],
  cloud: ["words"],
  words: [],
};
const PAGE = "operator/console/page/";
const PAGE_API = "operator/console/api.ts";
const PAGE_PACKAGES = new Set(["preact"]);

/** What runs in a deployment or on a device: its packages are dependencies, not devDependencies. */
const SHIPPED = new Set(["functions", "agent", "operator", "protocol"]);

/** protocol has no I/O: of Node's modules only those that compute. */
const PURE_BUILTINS = new Set(["node:zlib", "node:crypto"]);

const AWS_PACKAGE = /^(?:@?aws-|@aws\/|@middy\/|@smithy\/|constructs$|cdk-)/;

/** The import rules that a file breaks, each as a sentence. */
export function importBreaches({ file, imports }: SourceImports, packages: Packages): string[] {
  return imports.flatMap((imported) => {
    const reason = imported.specifier.startsWith(".")
      ? reasonAgainstFile(file, path.posix.join(path.posix.dirname(file), imported.specifier), imported)
      : reasonAgainstPackage(file, imported, packages);
    return reason === undefined ? [] : [`${file} imports ${imported.specifier}: ${reason}`];
  });
}

function reasonAgainstFile(from: string, to: string, { typeOnly }: Import): string | undefined {
  const [area, target] = [areaOf(from), areaOf(to)];
  if (area === "functions" && target === "functions") {
    return functionOf(from) === functionOf(to) ? undefined : "the functions never import each other";
  }
  if (area === "operator" && target === "operator") return reasonAgainstRoom(from, to, typeOnly);
  if (from.startsWith(PAGE)) return "the page runs in a browser";
  if (area === target) return undefined;
  if (area === "lib" && /^functions\/[^/]+\/env\.ts$/.test(to)) {
    return typeOnly ? undefined : "lib takes only types from a function's env.ts";
  }
  return MAY_IMPORT[area]?.includes(target) ? undefined : `${area} may not import from ${target}`;
}

function reasonAgainstRoom(from: string, to: string, typeOnly: boolean): string | undefined {
  const [room, target] = [operatorRoomOf(from), operatorRoomOf(to)];
  if (room === target || OPERATOR_ROOMS[room]?.includes(target)) return undefined;
  if (room === "page" && to === PAGE_API && typeOnly) return undefined;
  return `operator/${room} may not import from operator/${target}`;
}

function reasonAgainstPackage(file: string, imported: Import, packages: Packages): string | undefined {
  const { specifier, typeOnly } = imported;
  const area = areaOf(file);
  if (file.startsWith(PAGE) && !PAGE_PACKAGES.has(packageOf(specifier))) return "the page runs in a browser";
  if (isBuiltin(specifier)) {
    if (area === "protocol" && !PURE_BUILTINS.has(specifier)) return "protocol does no I/O";
    return undefined;
  }
  if (/^(?:\/|#|[a-z]+:)/.test(specifier)) return "neither a relative file, a package nor a module of Node";
  const name = packageOf(specifier);
  if (area === "agent" && AWS_PACKAGE.test(name)) return "agent imports no AWS package";
  if (area === "protocol" && name !== "valibot") return "protocol imports valibot alone";
  if (packages.dependencies.has(name)) return undefined;
  const typesName = `@types/${name.replace(/^@([^/]+)\//, "$1__")}`;
  if (SHIPPED.has(area) && !typeOnly) return "not among the dependencies of package.json";
  const developed =
    packages.devDependencies.has(name) || (typeOnly && packages.devDependencies.has(typesName));
  return developed ? undefined : "not in package.json";
}

function areaOf(file: string): string {
  return file.split("/", 1)[0] ?? "";
}

function operatorRoomOf(file: string): string {
  return file.startsWith(PAGE) ? "page" : (file.split("/")[1] ?? "");
}

function functionOf(file: string): string | undefined {
  return file.split("/")[1];
}

function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
