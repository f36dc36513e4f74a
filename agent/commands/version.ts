import manifest from "../package/package.json" with { type: "json" };

/** The package's; bundled, it is part of the one file. */
export const VERSION = manifest.version;
