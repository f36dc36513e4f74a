import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

/**
 * Tests that have a process to themselves: those that set what a whole process has, its environment say, and those that load it. The others
 * share four, one file after the other: of what such a file takes, most is to start a process and to load what it imports.
 */
const APART = [
  "test/flow/**/*.test.ts",
  "test/agent/faults/**/*.test.ts",
  "test/functions/{delivery-recorder,file-server}/**/*.test.ts",
];

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // Most tests wait for something for most of their time: four at a time keep two cores busy. More would have flow tests,
    // which start a dozen processes, wait for each other.
    maxWorkers: 4,
    // For what hangs: on a machine that has much else to do, a test that starts a few processes takes ten times as long.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    globalSetup: ["test/support/compile-cache.ts"],
    // Node loads tests itself, as it does all else here, and what one process has compiled another need not compile again.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    projects: [
      { extends: true, test: { name: "apart", include: APART } },
      {
        extends: true,
        test: { name: "together", include: ["test/**/*.test.ts"], exclude: APART, isolate: false },
      },
    ],
  },
});
