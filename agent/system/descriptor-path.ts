import { existsSync } from "node:fs";

/** Node has no openat(2). On Linux, a path through /proc names what is open by its descriptor, so nobody can redirect it. */
const BY_DESCRIPTOR = process.platform === "linux" && existsSync("/proc/self/fd");

/** A path to what is open; the place itself where the system has no other. */
export function descriptorPath(fd: number, place: string): string {
  return BY_DESCRIPTOR ? `/proc/self/fd/${fd}` : place;
}

/** The same for children: a descriptor of ours is not theirs, but they can reach it by way of ours. */
export function descriptorPathForChildren(fd: number, place: string): string {
  return BY_DESCRIPTOR ? `/proc/${process.pid}/fd/${fd}` : place;
}
