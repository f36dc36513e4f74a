import { formatBytes } from "../../../words/format-bytes.ts";
import type { FileView } from "../../api.ts";
import { Link } from "../link.tsx";
import { useLive } from "../live.ts";
import { StateCounts } from "../marks.tsx";
import { addressOf, fileAddress } from "../route.ts";
import { count } from "../words.ts";
import { cancelAll, type Send, uploading } from "./uploads.ts";

/** Files whose way to the devices is followed here: a browser keeps six connections to one address, and each takes one. */
const MOST_FOLLOWED = 3;

/** How far each file has come: into the bucket, then to the devices. */
export function Progress({ sends }: { sends: readonly Send[] }) {
  const { done, all } = uploading(sends);
  const stored = sends.filter(({ state }) => state === "stored").length;
  const isOver = done === all;
  const sentence = isOver
    ? `${stored} of ${count(all, "file")} stored`
    : `Uploading ${done + 1} of ${count(all, "file")}`;
  return (
    <section aria-label="Progress" class="progress">
      <div class="progress-head">
        <h2>
          <span role="status">{sentence}</span>
        </h2>
        {!isOver && (
          <button type="button" class="button" onClick={cancelAll}>
            Cancel
          </button>
        )}
      </div>
      <div class="table">
        <table>
          <caption class="visually-hidden">Files that are uploaded</caption>
          <thead>
            <tr>
              <th scope="col">Key</th>
              <th scope="col">Bucket</th>
              <th scope="col">Devices</th>
            </tr>
          </thead>
          <tbody>
            {sends.map((send, index) => (
              <tr key={send.key}>
                <th scope="row" class="name">
                  <Link to={fileAddress(send.key)}>{send.key}</Link>
                </th>
                <td>
                  <Sent send={send} />
                </td>
                <td>
                  {send.state === "stored" && <Followed id={send.key} isFollowed={index < MOST_FOLLOWED} />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Sent({ send: { key, bytes, sent, state, problem } }: { send: Send }) {
  if (state === "failed") return <span class="state bad">{problem}</span>;
  if (state !== "sending") return <span>{state === "stored" ? `stored, ${formatBytes(bytes)}` : state}</span>;
  const isWhole = sent >= bytes;
  return (
    <span class="sending">
      <progress max={Math.max(1, bytes)} value={sent} aria-label={`Upload of ${key}`} />
      <span class="number">
        {isWhole ? "S3 is storing it" : `${formatBytes(sent)} of ${formatBytes(bytes)}`}
      </span>
    </span>
  );
}

/** In which states its devices are, as they say it. */
function Followed({ id, isFollowed }: { id: string; isFollowed: boolean }) {
  const { view } = useLive<FileView>(isFollowed ? addressOf("/api/file", { key: id }) : undefined);
  if (!isFollowed) return <Link to={fileAddress(id)}>see who has it</Link>;
  if (view === undefined || !view.isAnnounced || view.states.length === 0)
    return <span class="aside">being announced …</span>;
  return <StateCounts states={view.states} />;
}
