import type { PortHolder } from "./port-holder.ts";

/** A port that was asked for is somebody else's. */
export class PortTaken extends Error {
  override name = "PortTaken" as const;
  readonly code = "EADDRINUSE";
  readonly port: number;

  /** @param holder undefined where the system does not tell */
  constructor(port: number, holder: PortHolder | undefined, cause?: unknown) {
    super(`port ${port} is taken${takenBy(holder)}: end that, or ask for another port`, { cause });
    this.port = port;
  }
}

/** For a sentence: who has a port. */
export function takenBy(holder: PortHolder | undefined): string {
  if (holder === undefined) return "";
  return ` by process ${holder.pid}${holder.command === "" ? "" : ` (${holder.command})`}`;
}
