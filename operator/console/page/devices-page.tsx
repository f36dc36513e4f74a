import { useCallback } from "preact/hooks";
import type { DeviceGroup, DevicesView } from "../api.ts";
import { FileCells } from "./file-cells.tsx";
import { Link } from "./link.tsx";
import { useLive } from "./live.ts";
import { StateCounts } from "./marks.tsx";
import { Empty, Shown } from "./notices.tsx";
import { Pager } from "./pager.tsx";
import { addressOf, deviceAddress } from "./route.ts";
import { Search } from "./search.tsx";
import { count } from "./words.ts";

/** All devices, with the files of each that somebody should look at first. */
export function DevicesPage({ prefix, after }: { prefix: string; after: string | undefined }) {
  const live = useLive<DevicesView>(addressOf("/api/devices", { q: prefix, after }));
  const addressFor = useCallback((q: string) => addressOf("/", { q }), []);
  const total = live.view?.total;
  return (
    <>
      <div class="heading">
        <h1 tabIndex={-1}>Devices</h1>
        <p class="aside" role="status">
          {total === undefined ? "" : `${count(total.count, "device")}${total.more ? " and more" : ""}`}
        </p>
        <Search
          label="How the UID begins"
          example="dev:… or thing:…"
          value={prefix}
          addressFor={addressFor}
        />
      </div>
      <Shown live={live}>
        {({ devices, next }) =>
          devices.length === 0 ? (
            <NoDevices prefix={prefix} />
          ) : (
            <>
              <DevicesTable devices={devices} />
              <Pager
                first={after === undefined ? undefined : addressOf("/", { q: prefix })}
                next={next === undefined ? undefined : addressOf("/", { q: prefix, after: next })}
              />
            </>
          )
        }
      </Shown>
    </>
  );
}

function DevicesTable({ devices }: { devices: readonly DeviceGroup[] }) {
  return (
    <div class="table">
      <table>
        <caption class="visually-hidden">Devices, each with the files to look at first</caption>
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
          </tr>
        </thead>
        {devices.map((group) => (
          <DeviceRows key={group.device} group={group} />
        ))}
      </table>
    </div>
  );
}

function DeviceRows({ group: { device, states, lines } }: { group: DeviceGroup }) {
  return (
    <tbody class="group">
      <tr>
        <th scope="rowgroup" colSpan={5} class="device">
          <Link to={deviceAddress(device)} class="name">
            {device}
          </Link>
          {lines.length === 0 ? (
            <span class="aside">told of no file yet</span>
          ) : (
            <StateCounts states={states} />
          )}
        </th>
      </tr>
      {lines.map((line) => (
        <tr key={line.path}>
          <FileCells line={line} />
        </tr>
      ))}
    </tbody>
  );
}

function NoDevices({ prefix }: { prefix: string }) {
  if (prefix !== "") return <Empty title={`No device's UID begins with “${prefix}”.`} />;
  return (
    <Empty title="No device is known yet.">
      <p>
        A device is known once it was told of a file. <Link to="/upload">Upload a file</Link> for one: drop it
        anywhere on this page.
      </p>
    </Empty>
  );
}
