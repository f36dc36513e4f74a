/**
 * The command that makes a serial device of a Notecard's TCP port, for a library that insists on one.
 *
 * @param device where the device is to appear
 */
export function pseudoTerminalCommand(port: number, device = "/tmp/notecard"): string {
  return `socat pty,raw,echo=0,link=${device} tcp:127.0.0.1:${port}`;
}
