import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Flow tests start real child processes; two cores cannot run many of those side by side.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // A second, the default, is too little for a process that starts on a busy machine.
    expect: { poll: { timeout: 15_000 } },
  },
});
