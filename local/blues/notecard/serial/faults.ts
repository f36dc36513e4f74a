/** What can go wrong between a Notecard and its host. */
export type SerialFault =
  /** The request never arrives. */
  | { kind: "lose-request" }
  /** The request is carried out, but its reply never arrives. */
  | { kind: "lose-reply" }
  /** The reply arrives twice. */
  | { kind: "repeat-reply" }
  | { kind: "late-reply"; milliseconds: number }
  /** Only the beginning of the reply arrives: this share of it, 0 to below 1. */
  | { kind: "truncate-reply"; share: number }
  /** One byte of the reply is changed: the one at this share of its length. */
  | { kind: "corrupt-reply"; share: number }
  /** The Notecard asks for patience before it replies. */
  | { kind: "heartbeat" }
  /** The Notecard does what it was asked, restarts, and never replies. */
  | { kind: "restart" };

export type SerialFaults = {
  /** Queues a fault for the next request, or for the next several, behind those that wait already. */
  inject(fault: SerialFault, requests?: number): void;
  clear(): void;
};

export function createSerialFaults(): SerialFaults & { next(): SerialFault | undefined } {
  let waiting: SerialFault[] = [];
  return {
    inject: (fault, requests = 1) => {
      for (let left = requests; left > 0; left -= 1) waiting.push(fault);
    },
    clear: () => {
      waiting = [];
    },
    next: () => waiting.shift(),
  };
}

/** The bytes that reach the host when these are sent. */
export function damaged(bytes: Buffer, fault: SerialFault | undefined): Buffer {
  switch (fault?.kind) {
    case "lose-reply":
      return Buffer.alloc(0);
    case "repeat-reply":
      return Buffer.concat([bytes, bytes]);
    case "truncate-reply":
      return bytes.subarray(0, Math.floor(bytes.length * fault.share));
    case "corrupt-reply": {
      const copy = Buffer.from(bytes);
      const at = Math.floor(bytes.length * fault.share);
      // A newline stays: to lose the line is another fault.
      copy[at] = copy[at] === 0x0a ? 0x0a : (copy[at] ?? 0) ^ 0x01;
      return copy;
    }
    case "heartbeat":
      return Buffer.concat([Buffer.from('{"err":"still working {heartbeat}"}\r\n'), bytes]);
    default:
      return bytes;
  }
}
