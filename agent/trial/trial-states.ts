/** What this run of the agent remembers of the trials of one path, beyond what is on disk. */
export type TrialState = {
  /** It was told that the disk does not let the trial be settled. */
  troubleTold: boolean;
  /** The version before runs again, though the disk has not taken the verdict. */
  restarted: boolean;
  /** The verdict is written among the failed versions, so that the trial need not keep it. */
  verdictWritten: boolean;
};

export type TrialStates = {
  of(filePath: string): TrialState;
  /** Once no trial of the path is left. */
  forget(filePath: string): void;
};

export function createTrialStates(): TrialStates {
  const states = new Map<string, TrialState>();
  return {
    of(filePath) {
      const state = states.get(filePath) ?? { troubleTold: false, restarted: false, verdictWritten: false };
      states.set(filePath, state);
      return state;
    },
    forget: (filePath) => void states.delete(filePath),
  };
}
