/** Two fleets, of which one gets the keys without a target too, and devices that are in one, in both, or move. */
export const FLEETS = ["fleet:1", "fleet:2"] as const;
export const DEFAULT_FLEET = "fleet:1";
export const DEVICES = ["dev:1", "dev:2", "dev:3"] as const;

/** Files of a program are one unit. */
export const RULE = { match: "app/**", command: ["run-the-app"], seconds: 1 } as const;
export const PATHS = ["a", "b", "app/x", "app/y"] as const;

/** Several keys mean one path: a fleet's and another's, the default target's, and a device's own. */
export const KEYS = [
  ...["a", "app/x", "fleets/fleet:1/a", "fleets/fleet:1/b", "fleets/fleet:1/app/x", "fleets/fleet:1/app/y"],
  ...["fleets/fleet:2/a", "fleets/fleet:2/b", "fleets/fleet:2/app/y"],
  ...["devices/dev:1/a", "devices/dev:2/b", "devices/dev:3/a"],
];

/** The program of the rule does not run with such a file. */
export const isBad = (content: Buffer | undefined) => content?.toString().startsWith("bad") === true;

export const isOfProgram = (path: string) => path.startsWith("app/");

const LINES = Array.from({ length: 20 }, (_, at) => `${(at * 7919 + 13).toString(36)};`).join("");

/** Of different lengths, and some much alike; the same one comes again and again. */
export const CONTENTS = [
  "",
  "A",
  "BB",
  "bad",
  "bad, too",
  LINES,
  `${LINES}once more`,
  `${LINES}and again`,
].map((text) => Buffer.from(text));
