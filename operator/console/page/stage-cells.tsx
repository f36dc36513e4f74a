import type { FleetDeviceLine } from "../api.ts";
import { Age, StageMark } from "./marks.tsx";

export function StageHeads() {
  return (
    <>
      <th scope="col" class="is-state">
        Stage
      </th>
      <th scope="col" class="number wide">
        Manifest
      </th>
      <th scope="col" class="number is-age">
        Age
      </th>
      <th scope="col" class="wide">
        Reason
      </th>
    </>
  );
}

/** Stage, manifest, age and reason of a device of a fleet. */
export function StageCells({ line: { stage, serial, since, reason } }: { line: FleetDeviceLine }) {
  return (
    <>
      <td>
        <StageMark stage={stage} />
        {reason !== "" && <span class="narrow reason">{reason}</span>}
      </td>
      <td class="number wide">{serial ?? "–"}</td>
      <td class="number">
        <Age at={since ?? 0} />
      </td>
      <td class="wide reason">{reason}</td>
    </>
  );
}
