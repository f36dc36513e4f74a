export type Kind = "source" | "minified" | "JSON" | "wasm" | "firmware" | "compressed";

/** Consecutive published versions of single files of an npm package. */
export type PublishedCorpus = {
  kind: Kind;
  package: string;
  /** The newest version that counts, so that later ones change no result. */
  through: string;
  /** So many versions before that one, and it. */
  versions: number;
  /** Paths in the package; `tarball`: the package itself is the file. */
  files: RegExp | "tarball";
};

/** Contents that have nothing in common, and nothing that could be left out. */
export type RandomCorpus = { kind: "compressed"; random: { versions: number; bytes: number } };

export type Corpus = PublishedCorpus | RandomCorpus;

/**
 * What a device or its gateway may well run or read. The ten packages of the comparison come first: hand-written source as it is published,
 * bundles, data, and compiled code. Changing this changes the table in docs/COSTS.md.
 */
export const CORPORA: readonly Corpus[] = [
  // Every file of the program; not its tests, types or documents.
  { kind: "source", package: "express", through: "5.3.0", versions: 60, files: /^(?:index|lib\/.*)\.js$/ },
  { kind: "source", package: "fastify", through: "5.12.8", versions: 60, files: /^(?:fastify|lib\/.*)\.js$/ },
  { kind: "source", package: "ws", through: "8.23.0", versions: 60, files: /^(?:index|lib\/.*)\.js$/ },
  {
    kind: "source",
    package: "@node-red/nodes",
    through: "5.0.7",
    versions: 60,
    files: /^core\/.*\.(?:js|html)$/,
  },
  {
    kind: "minified",
    package: "preact",
    through: "11.2.0",
    versions: 60,
    files: /^(?:dist\/preact|(?:compat|hooks)\/dist\/\w+)(?:\.min)?\.js$/,
  },
  {
    kind: "minified",
    package: "hls.js",
    through: "1.7.4",
    versions: 40,
    files: /^dist\/hls\.light\.min\.js$/,
  },
  { kind: "JSON", package: "mime-db", through: "1.54.0", versions: 60, files: /^db\.json$/ },
  {
    kind: "JSON",
    package: "moment-timezone",
    through: "0.6.6",
    versions: 40,
    files: /^data\/packed\/latest\.json$/,
  },
  {
    kind: "wasm",
    package: "web-tree-sitter",
    through: "0.27.2",
    versions: 60,
    files: /^(?:web-)?tree-sitter\.wasm$/,
  },
  { kind: "wasm", package: "sql.js", through: "1.17.0", versions: 42, files: /^dist\/sql-wasm\.wasm$/ },
  // A program compiled for ARM, before it grew beyond what patches are made for.
  {
    kind: "firmware",
    package: "@lmdb/lmdb-linux-arm",
    through: "2.9.4",
    versions: 30,
    files: /^node\.(?:napi|abi\d+)\.glibc\.node$/,
  },
  { kind: "compressed", package: "ws", through: "8.23.0", versions: 60, files: "tarball" },
  { kind: "compressed", package: "bootstrap-icons", through: "1.13.2", versions: 30, files: /\.woff2$/ },
  { kind: "compressed", random: { versions: 20, bytes: 65_536 } },
];

export function nameOf(corpus: Corpus): string {
  if ("random" in corpus) return "random bytes";
  return corpus.files === "tarball" ? `${corpus.package} (tgz)` : corpus.package;
}
