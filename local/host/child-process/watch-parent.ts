import { Socket } from "node:net";
import { Worker } from "node:worker_threads";

/** File descriptor of the pipe that the stack holds open as long as it lives. */
export const PARENT_PIPE_FD = 3;

const WATCH = `
const { Socket } = require("node:net");
const end = () => process.kill(process.pid, "SIGKILL");
new Socket({ fd: ${PARENT_PIPE_FD} }).on("error", end).on("close", end).resume();
`;

/**
 * Ends this process when the stack has ended, however that happened: otherwise it would go on with a message that the
 * next start delivers again. Runs in a thread of its own, since a handler may block the main one.
 */
export function watchParent(): void {
  new Worker(WATCH, { eval: true, env: {}, execArgv: [] }).unref();
}

/** The same for a program that does not block its thread: of fifty, each spares the 10 MB of another one. */
export function watchParentHere(): void {
  const end = () => process.kill(process.pid, "SIGKILL");
  new Socket({ fd: PARENT_PIPE_FD }).on("error", end).on("close", end).resume().unref();
}
