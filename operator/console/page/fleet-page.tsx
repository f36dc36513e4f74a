import type { FleetLine, FleetView } from "../api.ts";
import { Chips } from "./chips.tsx";
import { FileCells } from "./file-cells.tsx";
import { Link } from "./link.tsx";
import { useLive } from "./live.ts";
import { Age, StageCounts } from "./marks.tsx";
import { Empty, Shown } from "./notices.tsx";
import { Pager } from "./pager.tsx";
import { addressOf, deviceAddress, fileAddress } from "./route.ts";
import { StageCells, StageHeads } from "./stage-cells.tsx";
import { useSteadyOrder } from "./use-steady-order.ts";
import { count, timeOf } from "./words.ts";

type FleetPageProps = { id: string; stage: string; after: string | undefined };

/** One fleet: what it was told, which files are for a part of it, and how far each device is. */
export function FleetPage({ id, stage, after }: FleetPageProps) {
  const live = useLive<FleetView>(addressOf("/api/fleet", { id, stage, after }));
  return (
    <>
      <p class="crumb">
        <Link to="/fleets">Fleets</Link>
      </p>
      <div class="heading">
        <h1 tabIndex={-1} class="name">
          {id}
        </h1>
      </div>
      <Shown live={live}>
        {(view) =>
          view.line === undefined ? (
            <Empty title="This fleet was told of nothing by a manifest.">
              <p>Nothing was put there yet, or it is told by Notes: then its files show who has them.</p>
            </Empty>
          ) : (
            <>
              <Told line={view.line} />
              <Shares line={view.line} />
              <Withheld view={view} />
              <Devices view={view} line={view.line} stage={stage} after={after} />
            </>
          )
        }
      </Shown>
    </>
  );
}

function Told({ line: { fleet, serial, announced, files, waiting } }: { line: FleetLine }) {
  return (
    <p class="lead">
      <Link to={addressOf("/files", { prefix: `fleets/${fleet}/` })}>{count(files, "file")}</Link>
      {announced === undefined ? (
        ", and nothing is announced yet."
      ) : (
        <>
          , announced <Age at={announced} /> ago as manifest {serial}.
        </>
      )}
      {waiting !== undefined && <strong> {waitingText(waiting)}</strong>}
    </p>
  );
}

function waitingText({ since, held, isUncertain }: NonNullable<FleetLine["waiting"]>): string {
  if (since === undefined)
    return "Whether Notehub has the newest is not known: it is asked at the next announcement.";
  const doubt = isUncertain ? " Whether Notehub has what was announced before is not known." : "";
  if (held === undefined) return `It has changed since, and is announced in a moment.${doubt}`;
  const who = held.by === undefined ? "" : ` by ${held.by}`;
  return `It has changed since, and is held${who}, until ${timeOf(held.until)} at the latest.${doubt}`;
}

function Shares({ line: { shares } }: { line: FleetLine }) {
  if (shares.length === 0) return null;
  return (
    <>
      <h2>For a part of the fleet</h2>
      <div class="table">
        <table>
          <caption class="visually-hidden">Files whose newest version is for a part of the fleet</caption>
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col" class="number">
                Share
              </th>
            </tr>
          </thead>
          <tbody>
            {shares.map(({ key, percent }) => (
              <tr key={key}>
                <th scope="row" class="name">
                  <Link to={fileAddress(key)}>{key}</Link>
                </th>
                <td class="number">{percent} %</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Withheld({ view: { withheld } }: { view: FleetView }) {
  if (withheld.length === 0) return null;
  return (
    <>
      <h2>Could not be announced</h2>
      <div class="table">
        <table>
          <caption class="visually-hidden">Files that could not be announced</caption>
          <tbody>
            {withheld.map((line) => (
              <tr key={line.path}>
                <FileCells line={line} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

type DevicesProps = { view: FleetView; line: FleetLine; stage: string; after: string | undefined };

function Devices({ view: { devices, notes, next }, line: { fleet, stages }, stage, after }: DevicesProps) {
  const { rows, body } = useSteadyOrder(devices, ({ device }) => device);
  return (
    <>
      <h2>Devices</h2>
      <Chips
        label="Only devices at one stage"
        chosen={stage}
        counts={stages}
        addressFor={(each) => addressOf("/fleet", { id: fleet, stage: each })}
        mark={(each, n) => <StageCounts stages={[[each, n]]} />}
      />
      {notes.map((note) => (
        <p key={note} class="aside">
          {note}
        </p>
      ))}
      {rows.length === 0 ? (
        <Empty
          title={stages.length === 0 ? "No device of it is known yet." : "No device is at that stage."}
        />
      ) : (
        <div class="table">
          <table>
            <caption class="visually-hidden">Devices of the fleet</caption>
            <thead>
              <tr>
                <th scope="col">Device</th>
                <StageHeads />
              </tr>
            </thead>
            <tbody ref={body}>
              {rows.map((line) => (
                <tr key={line.device}>
                  <th scope="row" class="name">
                    <Link to={deviceAddress(line.device)}>{line.device}</Link>
                  </th>
                  <StageCells line={line} />
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pager
        first={after === undefined ? undefined : addressOf("/fleet", { id: fleet, stage })}
        next={next === undefined ? undefined : addressOf("/fleet", { id: fleet, stage, after: next })}
      />
    </>
  );
}
