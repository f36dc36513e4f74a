import path from "node:path";
import type { SourceImports } from "./import-rules.ts";

/** What each node leads to; nodes that are not keys lead nowhere. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** Which file imports which. An import of types alone counts: whoever reads one file must read the other first. */
export function importGraph(files: readonly SourceImports[]): Graph {
  return new Map(
    files.map(({ file, imports }) => [
      file,
      imports
        .filter(({ specifier }) => specifier.startsWith("."))
        .map(({ specifier }) => path.posix.join(path.posix.dirname(file), specifier)),
    ]),
  );
}

/**
 * The circles of a graph, each as its nodes in order and written `a > b > a`; none exactly if there is none. Of circles
 * that share a node not all may be found: the rest show once these are gone.
 */
export function findCircles(graph: Graph): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (node: string, way: readonly string[]): void => {
    const begin = way.indexOf(node);
    if (begin >= 0) circles.push([...way.slice(begin), node].join(" > "));
    if (begin >= 0 || done.has(node)) return;
    for (const next of graph.get(node) ?? []) visit(next, [...way, node]);
    done.add(node);
  };
  for (const node of graph.keys()) visit(node, []);
  return circles;
}
