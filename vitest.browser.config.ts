import { defineConfig } from "vitest/config";

/** What takes a Chromium, and so is not part of `npm test`. A stack and a browser at a time: two would wait for each other. */
export default defineConfig({
  test: {
    include: ["test/browser/*.browser.ts"],
    fileParallelism: false,
    // Bounds of what hangs, not of what is slow: a machine may have much else to do.
    testTimeout: 240_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 90_000 } },
  },
});
