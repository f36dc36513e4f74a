/** What a person can do about a failure, by its reason. What is not named passes by itself. */
const ADVICE: Readonly<Record<string, string>> = {
  run: "upload a version that runs; or mend what it lacks, then `noteferry-agent retry <path>`",
  "run-not-restored": "make its disk writable and make room: the agent then puts the version before back",
  "disk-full": "make room on its disk",
  "read-only": "mount its disk writable; a disk with faults is mounted read-only",
  "no-permission": "let the agent's user write to its folder",
  "mount-point": "unmount what is mounted over the file itself; mount its folder instead",
  storage: "look at the disk and the kernel's log",
  unauthorized:
    "set the route's Authorization header to what the deployment's RouteAuthorizationCommand prints",
  route: "make the proxy route in Notehub as the deployment's outputs say, then run `noteferry-agent doctor`",
  mode: "let the Notecard connect: its mode must be continuous or periodic",
  rejected: "run `noteferry-agent doctor`",
  offline: "look at the antenna, the coverage and the SIM",
  link: "look at the cable and the power of the Notecard",
  "wrong-hash": "upload it once more",
  "wrong-size": "upload it once more",
  path: "upload it under a key that is a plain path",
  name: "upload it under a shorter name",
  reserved: "upload it under another name",
  "symbolic-link":
    "remove the link or, if it is yours, let root own it (chown -h); or upload it under another key",
  "not-a-folder": "remove the file that is where a folder has to be",
  "is-a-folder": "remove the folder that is in its place",
  "not-a-file": "remove what is in its place",
};

/** @param path the file's, for commands to copy */
export function adviceFor(reason: string, path: string): string | undefined {
  return ADVICE[reason]?.replace("<path>", () => path);
}
