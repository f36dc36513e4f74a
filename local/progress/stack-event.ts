/** What happens to a file on its way, as a person wants to see it. `key` names the file throughout. */
export type StackEvent =
  | { step: "uploaded"; key: string; bytes: number }
  | { step: "announced"; key: string; device: string }
  | { step: "fanned-out"; key: string; devices: number }
  | { step: "chunk"; key: string; chunk: number; totalChunks: number; bytes: number; size: number }
  | { step: "installed"; key: string; path: string }
  | { step: "unchanged"; key: string }
  | { step: "notice"; key: string; what: string; detail: string };
