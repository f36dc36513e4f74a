import type { FileView, VersionLine } from "../api.ts";
import { Bytes } from "./bytes.tsx";
import { Chips } from "./chips.tsx";
import { FileCells } from "./file-cells.tsx";
import { Link } from "./link.tsx";
import { useLive } from "./live.ts";
import { Age, StateCounts } from "./marks.tsx";
import { Empty, Shown } from "./notices.tsx";
import { Pager } from "./pager.tsx";
import { nameOf, RollbackButton } from "./rollback.tsx";
import { addressOf, deviceAddress } from "./route.ts";
import { FileShare } from "./share/file-share.tsx";
import { TargetLink } from "./target-link.tsx";
import { useSteadyOrder } from "./use-steady-order.ts";
import { count, timeOf } from "./words.ts";

type FilePageProps = { id: string; state: string; after: string | undefined };

/** One file: its versions, who has which, and the way back. */
export function FilePage({ id, state, after }: FilePageProps) {
  const live = useLive<FileView>(addressOf("/api/file", { key: id, state, after }));
  return (
    <>
      <p class="crumb">
        <Link to={addressOf("/files", { prefix: id.replace(/[^/]*$/, "") })}>Files</Link>
      </p>
      <div class="heading">
        <h1 tabIndex={-1} class="name">
          {id}
        </h1>
      </div>
      <Shown live={live}>
        {(view) =>
          view.versions.length === 0 && view.lines.length === 0 ? (
            <Empty title="The bucket never had this file, or keeps it no more." />
          ) : (
            <>
              <p class="lead">
                {view.target === undefined ? (
                  `Nobody gets it: ${view.problem}.`
                ) : (
                  <>
                    Goes to <TargetLink uid={view.target} />.
                  </>
                )}
                {view.others > 0 &&
                  ` ${count(view.others, "device")} with a content of none of these versions: one that is gone, or too large to be read.`}
                {view.unknown > 0 &&
                  ` What ${count(view.unknown, "device")} may have is not known: they took a version back, have not answered, or are outside a share.`}
              </p>
              <Versions view={view} />
              <FileShare view={view} />
              <Holders view={view} state={state} after={after} />
            </>
          )
        }
      </Shown>
    </>
  );
}

function Versions({ view: { key, versions } }: { view: FileView }) {
  return (
    <div class="table">
      <table>
        <caption class="visually-hidden">Versions, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col" class="number wide">
              Size
            </th>
            <th scope="col" class="number">
              Devices
            </th>
            <th scope="col">Uploaded</th>
            <th scope="col">
              <span class="visually-hidden">What to do</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {versions.map((version) => (
            <VersionRow key={version.versionId} id={key} version={version} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function VersionRow({ id, version }: { id: string; version: VersionLine }) {
  const { bytes, devices, isCounted, at, current } = version;
  const isDeletion = bytes === undefined;
  return (
    <tr>
      <th scope="row">
        <span title={version.versionId}>{isDeletion ? "deleted" : nameOf(version)}</span>
        {current && <span class="badge quiet">current</span>}
      </th>
      <td class="number wide">{isDeletion ? "" : <Bytes bytes={bytes} />}</td>
      <td class="number">{isDeletion ? "" : (devices ?? (isCounted === true ? "not known" : "…"))}</td>
      <td>
        <span class="wide-inline">{timeOf(at)} · </span>
        <span class="aside">
          <Age at={at} /> ago
        </span>
      </td>
      <td class="actions">{!current && !isDeletion && <RollbackButton id={id} version={version} />}</td>
    </tr>
  );
}

function Holders({ view, state, after }: { view: FileView; state: string; after: string | undefined }) {
  const { key, states, lines, notes, next, silent } = view;
  const { rows, body } = useSteadyOrder(lines, ({ device, path }) => `${device}\n${path}`);
  const all = states.reduce((sum, [, n]) => sum + n, 0);
  return (
    <>
      <h2>Devices</h2>
      {!view.isAnnounced && state === "" && after === undefined && all > 0 && (
        <p class="aside" role="status">
          The newest version is not announced yet: until then this is about the one before.
        </p>
      )}
      <Chips
        label="Only devices in one state"
        chosen={state}
        counts={states}
        addressFor={(each) => addressOf("/file", { key, state: each })}
        mark={(each, n) => <StateCounts states={[[each, n]]} />}
      />
      {silent !== undefined && (
        <p class="aside">
          {count(silent.devices, "device")} not heard of for more than a day since they were told: a device
          may sleep.
        </p>
      )}
      {notes.map((note) => (
        <p key={note} class="aside">
          {note}
        </p>
      ))}
      {lines.length === 0 ? (
        <Empty title={all === 0 ? "Nobody was told of it yet." : "No device is in that state."} />
      ) : (
        <div class="table">
          <table>
            <caption class="visually-hidden">Devices that were told of {key}</caption>
            <thead>
              <tr>
                <th scope="col">Device</th>
                <th scope="col" class="is-state">
                  State
                </th>
                <th scope="col" class="wide is-version">
                  Version
                </th>
                <th scope="col" class="number is-age">
                  Age
                </th>
                <th scope="col" class="wide is-reason">
                  Reason
                </th>
              </tr>
            </thead>
            <tbody ref={body}>
              {rows.map((line) => (
                <tr key={`${line.device}\n${line.path}`}>
                  <th scope="row" class="name">
                    <Link to={deviceAddress(line.device)}>{line.device}</Link>
                  </th>
                  <FileCells line={line} hasFile={false} />
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pager
        first={after === undefined ? undefined : addressOf("/file", { key, state })}
        next={next === undefined ? undefined : addressOf("/file", { key, state, after: next })}
      />
    </>
  );
}
