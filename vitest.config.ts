import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/compile-cache.ts"],
    sequence: { sequencer: LongestFirst },
    // Most tests wait for something for most of their time: four at a time keep two cores busy. More would have flow tests,
    // which start a dozen processes, wait for each other.
    maxWorkers: 4,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // A second, the default, is too little for a process that starts on a busy machine.
    expect: { poll: { timeout: 15_000 } },
  },
});
