/**
 * What happens to a file on its way, as a person wants to see it. `key` names the file throughout, `device` the UID of whose
 * delivery it is; sizes are bytes.
 */
export type StackEvent =
  /** `bytes` is absent where the file was replaced or deleted at once. */
  | { step: "uploaded"; key: string; bytes?: number | undefined }
  /** `payload` is what rides in the Note. */
  | { step: "announced"; key: string; device: string; bytes: number; payload?: number | undefined }
  | { step: "fanned-out"; key: string; devices: number }
  /** A fleet, `key`, was told of a manifest: bytes of it, and of the step to it where there is one. */
  | {
      step: "manifest";
      key: string;
      serial: number;
      files: number;
      bytes: number;
      stepBytes?: number | undefined;
    }
  /** A device has come to a manifest of its fleet, `key`. `exceptions`: files that are not as it says. */
  | {
      step: "brought";
      key: string;
      device: string;
      serial: number;
      installed: number;
      removed: number;
      exceptions: number;
    }
  /** `bytes` of `size` are there. */
  | { step: "chunk"; key: string; device: string; totalChunks: number; bytes: number; size: number }
  /** `fetched` bytes of content came by `way`. */
  | { step: "installed"; key: string; device: string; path: string; way: string; fetched: number }
  | { step: "unchanged"; key: string; device: string }
  /** `ends`: the device is done with this delivery. */
  | { step: "notice"; key: string; device?: string; what: string; detail: string; ends: boolean };
