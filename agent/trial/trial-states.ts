import { leadOf, type Trial } from "./trial-record.ts";

/** What this run of the agent remembers of one trial, beyond what is on disk. */
export type TrialState = {
  /** It was told that the disk does not let the trial be settled. */
  troubleTold: boolean;
  /** The version before runs again, though the disk has not taken the verdict. */
  restarted: boolean;
  /** The verdict is written among the failed versions, so that the trial need not keep it. */
  verdictWritten: boolean;
};

export type TrialStates = {
  of(trial: Pick<Trial, "members">): TrialState;
  /** Once it has ended. */
  forget(trial: Pick<Trial, "members">): void;
};

export function createTrialStates(): TrialStates {
  const states = new Map<string, TrialState>();
  return {
    of(trial) {
      const filePath = leadOf(trial).path;
      const state = states.get(filePath) ?? { troubleTold: false, restarted: false, verdictWritten: false };
      states.set(filePath, state);
      return state;
    },
    forget: (trial) => void states.delete(leadOf(trial).path),
  };
}
