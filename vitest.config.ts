import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

/** Tests of pure functions and of templates: they share workers, which then import aws-cdk-lib once and not a dozen times. */
const PURE = ["test/lib/**/*.test.ts", "test/protocol/**/*.test.ts"];

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // Most tests wait for something for most of their time: four at a time keep two cores busy. More would have flow tests,
    // which start a dozen processes, wait for each other.
    maxWorkers: 4,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // A second, the default, is too little for a process that starts on a busy machine.
    expect: { poll: { timeout: 15_000 } },
    projects: [
      { extends: true, test: { name: "pure", include: PURE, isolate: false } },
      {
        extends: true,
        test: {
          name: "apart",
          include: ["test/**/*.test.ts"],
          exclude: PURE,
          globalSetup: ["test/support/compile-cache.ts"],
        },
      },
    ],
  },
});
