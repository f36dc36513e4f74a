/** What happens to a file on its way, as a person wants to see it. `key` names the file throughout; sizes are bytes. */
export type StackEvent =
  /** `bytes` is absent where the request did not carry the file: it was put together, or copied. */
  | { step: "uploaded"; key: string; bytes?: number | undefined }
  | { step: "announced"; key: string; device: string; bytes: number }
  | { step: "fanned-out"; key: string; devices: number }
  | { step: "chunk"; key: string; chunk: number; totalChunks: number; size: number }
  | { step: "installed"; key: string; path: string }
  | { step: "unchanged"; key: string }
  /** `ends`: the device is done with this delivery. */
  | { step: "notice"; key: string; what: string; detail: string; ends: boolean };
