/** A line to show. `transient` ones may be overwritten by the next line of the same file. */
export type Narration = {
  /** The step, as the line begins. */
  what: string;
  key: string;
  text: string;
  transient: boolean;
  /** Of one device among several; `gatherBursts` tells many of the same as one line. */
  part?: DevicePart;
};

/** What one device adds to a line for several. `detail` is the same for all of them. */
export type DevicePart = { detail: string; device: string } & Measured;

export type Measured = { seconds?: number | undefined; linkBytes?: number };

export function count(value: number): string {
  return value.toLocaleString("en-US");
}
