import { formatBytes } from "../../../words/format-bytes.ts";
import type { PlannedUpload, UploadPlan } from "../../api.ts";
import { Bytes } from "../bytes.tsx";
import { Age } from "../marks.tsx";
import { count } from "../words.ts";
import { aboutDevices } from "./upload-share.tsx";

/** Rows that are shown of a large folder. */
const MOST_SHOWN = 100;

/** What will happen, before it does. */
export function Plan({ plan, share }: { plan: UploadPlan; share: number }) {
  const { uploads, refused, left } = plan;
  return (
    <section aria-label="What will happen" class="plan">
      <h2>What will happen</h2>
      {refused.length > 0 ? (
        <div class="failure" role="alert">
          <strong>Nothing can be uploaded, since no device could get</strong>
          {refused.slice(0, MOST_SHOWN).map(({ path, why }) => (
            <p key={path}>
              <span class="name">{path}</span>: {why}
            </p>
          ))}
        </div>
      ) : (
        <Sentences plan={plan} share={share} />
      )}
      {left.length > 0 && (
        <p class="aside">
          {count(left.length, "file")} left out, since editors and file managers leave such behind:{" "}
          {left
            .slice(0, 5)
            .map(({ path }) => path)
            .join(", ")}
          {left.length > 5 && ", …"}
        </p>
      )}
      {uploads.length > 0 && <PlannedTable uploads={uploads} />}
      {uploads.length > MOST_SHOWN && (
        <p class="aside">and {count(uploads.length - MOST_SHOWN, "more file")}</p>
      )}
    </section>
  );
}

function Sentences({ plan, share }: { plan: UploadPlan; share: number }) {
  const { uploads, target, problem, devices, why } = plan;
  const many = devices === undefined ? undefined : Math.round((devices * share) / 100);
  const bytes = sum(uploads.map((upload) => upload.bytes));
  const most = sum(uploads.map((upload) => Math.min(upload.bytes, upload.packed ?? upload.bytes)));
  const known = uploads.filter(({ packed }) => packed !== undefined).length;
  if (target === undefined)
    return (
      <p>
        <strong>Nobody gets it</strong>: {problem}. Choose a device or a fleet.
      </p>
    );
  return (
    <ul class="sentences">
      <li>
        {count(uploads.length, "file")}, {formatBytes(bytes)}, for{" "}
        <strong>{aboutDevices(devices, share)}</strong>: <span class="name">{target}</span>
        {why !== undefined && <span class="aside"> (Notehub does not say how many: {why})</span>}
      </li>
      <li>
        On the link <strong>at most {formatBytes(most)} for a device</strong>
        {many !== undefined &&
          many > 1 &&
          `, ${share < 100 ? "about " : ""}${formatBytes(most * many)} in all`}
        {known > 0 && `; of ${count(known, "file")} the content is packed already`}. What is new is packed
        after the upload: it travels smaller where that saves bytes, and a device that has it fetches nothing.
      </li>
      <li>
        What restarts, each device's own rules say. A version whose command fails is taken back, and shown as
        rolled back.
      </li>
    </ul>
  );
}

function PlannedTable({ uploads }: { uploads: readonly PlannedUpload[] }) {
  return (
    <div class="table">
      <table>
        <caption class="visually-hidden">Files that will be uploaded</caption>
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col" class="number">
              Size
            </th>
            <th scope="col" class="number wide">
              Packed
            </th>
            <th scope="col" class="wide">
              Last version took
            </th>
            <th scope="col">Replaces</th>
          </tr>
        </thead>
        <tbody>
          {uploads.slice(0, MOST_SHOWN).map(({ key, bytes, packed, replaces, before }) => (
            <tr key={key}>
              <th scope="row" class="name">
                {key}
              </th>
              <td class="number">
                <Bytes bytes={bytes} />
              </td>
              <td class="number wide">{packed === undefined ? "not yet" : <Bytes bytes={packed} />}</td>
              <td class="wide">
                {before === undefined ? (
                  "–"
                ) : (
                  <>
                    <Bytes bytes={before.bytes} /> by {before.way}
                  </>
                )}
              </td>
              <td>
                {replaces === undefined ? (
                  "nothing: it is new"
                ) : (
                  <>
                    <Bytes bytes={replaces.bytes} />, <Age at={replaces.at} /> old
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
