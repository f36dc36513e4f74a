import { formatBytes } from "../../words/format-bytes.ts";
import type { DeviceView, FileLine } from "../api.ts";
import { Bytes } from "./bytes.tsx";
import { EventsTable } from "./events-table.tsx";
import { FileCells } from "./file-cells.tsx";
import { Link } from "./link.tsx";
import { useLive } from "./live.ts";
import { Empty, Failure, Shown } from "./notices.tsx";
import { RetryButton } from "./retry-button.tsx";
import { addressOf } from "./route.ts";
import { StageCells, StageHeads } from "./stage-cells.tsx";
import { TargetLink } from "./target-link.tsx";
import { useSteadyOrder } from "./use-steady-order.ts";
import { count, STATES } from "./words.ts";

/** One device: every file, what the link cost, and what it says as it says it. */
export function DevicePage({ id }: { id: string }) {
  const live = useLive<DeviceView>(addressOf("/api/device", { id }));
  return (
    <>
      <p class="crumb">
        <Link to="/">Devices</Link>
      </p>
      <div class="heading">
        <h1 tabIndex={-1} class="name">
          {id}
        </h1>
      </div>
      <Shown live={live}>
        {(view) =>
          view.known ? (
            <Known view={view} />
          ) : (
            <Empty title="Nobody knows this device.">
              <p>It was never told of a file, and never said anything.</p>
            </Empty>
          )
        }
      </Shown>
    </>
  );
}

function Known({ view: { device, files, fleets, events, link, differs } }: { view: DeviceView }) {
  const reports = `${link.more ? "its newest " : ""}${count(link.reports, "report")}`;
  return (
    <>
      <p class="lead">
        {count(files.length, "file")}. On the link its files took <strong>{formatBytes(link.bytes)}</strong>{" "}
        in {count(link.requests, "request")}, by {reports} of the last 90 days.
      </p>
      {differs !== undefined && (
        <Failure
          sentence={`It said that it has ${differs.count} files, not the ${differs.known} that are known.\nnoteferry resend ${device} has it say what it has.`}
        />
      )}
      <FilesTable device={device} files={files} />
      {isThing(device) && files.some(isInTrouble) && (
        <p class="lead">
          No job asks a thing to try a version again. On the thing{" "}
          <code>noteferry-agent retry &lt;path&gt;</code> does; another content is tried by itself.
        </p>
      )}
      <FleetsTable fleets={fleets} />
      <h2>What it said</h2>
      {events.length === 0 ? (
        <Empty title="It said nothing in the last 90 days." />
      ) : (
        <EventsTable events={events} />
      )}
    </>
  );
}

function isThing(device: string): boolean {
  return device.startsWith("thing:");
}

function isInTrouble({ state }: FileLine): boolean {
  return state !== "differs" && STATES[state].kind === "bad";
}

function FilesTable({ device, files }: { device: string; files: readonly FileLine[] }) {
  const { rows, body } = useSteadyOrder(files, ({ path }) => path);
  if (files.length === 0) return <Empty title="It was told of no file." />;
  return (
    <div class="table">
      <table>
        <caption class="visually-hidden">Files of {device}</caption>
        <thead>
          <tr>
            <th scope="col" class="is-state">
              State
            </th>
            <th scope="col">File</th>
            <th scope="col" class="wide is-version">
              Version
            </th>
            <th scope="col" class="number is-age">
              Age
            </th>
            <th scope="col" class="wide is-reason">
              Reason
            </th>
            <th scope="col" class="wide is-way">
              Way
            </th>
            <th scope="col" class="number wide is-size">
              On the link
            </th>
            <th scope="col">
              <span class="visually-hidden">What to do</span>
            </th>
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((line) => (
            <tr key={line.path}>
              <FileCells line={line} />
              <td class="wide">{line.way ?? "–"}</td>
              <td class="number wide">
                <Bytes bytes={line.bytes} />
              </td>
              <td class="actions">
                {isInTrouble(line) && !isThing(device) && (
                  <RetryButton device={device} path={line.path} at={line.at} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function FleetsTable({ fleets }: Pick<DeviceView, "fleets">) {
  if (fleets.length === 0) return null;
  return (
    <>
      <h2>Its fleets</h2>
      <div class="table">
        <table>
          <caption class="visually-hidden">How far it is with what its fleets were told</caption>
          <thead>
            <tr>
              <th scope="col">Fleet</th>
              <StageHeads />
            </tr>
          </thead>
          <tbody>
            {fleets.map(({ fleet, device }) => (
              <tr key={fleet}>
                <th scope="row" class="name">
                  <TargetLink uid={fleet} />
                </th>
                <StageCells line={device} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
