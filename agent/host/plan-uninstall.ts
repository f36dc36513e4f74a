import { PLACES, type Places, SERVICE } from "./places.ts";

/** One thing to undo. `gone` is fine: it may have been undone before, or never done. */
export type Removal =
  | { do: "run"; command: readonly string[]; why: string }
  | { do: "remove"; path: string }
  /** Removed only if it is an agent's state: whoever mistypes a path must not lose a disk. */
  | { do: "remove-state"; path: string }
  /** Removed only if it still leads where the installation had it lead. */
  | { do: "unlink"; path: string; below: string };

/**
 * What undoes an installation, in its order. Files that were delivered stay where they are.
 *
 * @param purge also the config file and the agent's state
 * @param state where that is
 */
export function planUninstall(
  { purge, state }: { purge: boolean; state: string },
  places: Places = PLACES,
): Removal[] {
  return [
    { do: "run", command: ["systemctl", "disable", "--now", SERVICE], why: "it stops, and starts no more" },
    { do: "remove", path: places.unit },
    { do: "run", command: ["systemctl", "daemon-reload"], why: "systemd forgets the unit" },
    { do: "unlink", path: places.command, below: places.program },
    { do: "remove", path: places.completion },
    { do: "remove", path: places.manPage },
    { do: "remove", path: places.program },
    ...(purge
      ? [
          { do: "remove" as const, path: places.config }, // not its folder: a thing's key may be in there
          { do: "remove-state" as const, path: state },
        ]
      : []),
  ];
}
