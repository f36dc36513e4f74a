import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createAlarm } from "../../../../local/aws/iot/alarm.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function alarmUnderTest(first: number) {
  const state = { due: first as number | undefined, rung: 0 };
  const alarm = createAlarm({
    nextDue: () => state.due,
    clock: Date.now,
    ring() {
      state.rung += 1;
      state.due = undefined;
    },
  });
  return { ...alarm, state };
}

test("rings when the first thing is due, and at once for what is overdue", () => {
  const { set, state } = alarmUnderTest(Date.now() + 100);
  set();
  vi.advanceTimersByTime(99);
  expect(state.rung).toBe(0);
  state.due = Date.now() - 1000; // something else came up
  set();
  vi.advanceTimersByTime(1);
  expect(state.rung).toBe(1);
  vi.advanceTimersByTime(1000);
  expect(state.rung).toBe(1); // the first was replaced
});

test("waits for what is further away than a timer reaches", () => {
  const { set, state } = alarmUnderTest(Date.now() + 2 ** 31 + 1000);
  set();
  vi.advanceTimersByTime(2 ** 31 - 2); // Node's timer would have rung after a millisecond
  expect(state.rung).toBe(0);
  state.due = undefined;
});

test("does not ring once it is stopped", () => {
  const { set, stop, state } = alarmUnderTest(Date.now() + 10);
  set();
  stop();
  set();
  vi.advanceTimersByTime(100);
  expect(state.rung).toBe(0);
});
