import { defineConfig } from "vitest/config";

/** What takes a Chromium, and so is not part of `npm test`. A stack and a browser at a time: two would wait for each other. */
export default defineConfig({
  test: {
    include: ["test/browser/*.browser.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
