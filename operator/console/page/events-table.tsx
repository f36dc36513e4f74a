import type { DeviceEvent } from "../api.ts";
import { Bytes } from "./bytes.tsx";
import { Link } from "./link.tsx";
import { Age, State } from "./marks.tsx";
import { fileAddress, fleetAddress } from "./route.ts";

/** What a device said, newest first. */
export function EventsTable({ events }: { events: readonly DeviceEvent[] }) {
  return (
    <div class="table">
      <table>
        <caption class="visually-hidden">What it said, newest first</caption>
        <thead>
          <tr>
            <th scope="col" class="is-state">
              State
            </th>
            <th scope="col">What</th>
            <th scope="col" class="number is-age">
              Age
            </th>
            <th scope="col" class="wide">
              Reason
            </th>
            <th scope="col" class="wide is-way">
              Way
            </th>
            <th scope="col" class="number wide is-size">
              On the link
            </th>
          </tr>
        </thead>
        <tbody>
          {events.map((event, index) => (
            <tr key={`${event.at} ${event.what} ${event.state} ${index}`}>
              <td>
                <State state={event.state} />
              </td>
              <td class="name">
                <What event={event} />
                {event.reason !== "" && <span class="narrow reason">{event.reason}</span>}
              </td>
              <td class="number">
                <Age at={event.at} />
              </td>
              <td class="wide reason">{event.reason}</td>
              <td class="wide">{event.way ?? "–"}</td>
              <td class="number wide">
                <Bytes bytes={event.bytes} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function What({ event: { key, fleet, what } }: { event: DeviceEvent }) {
  if (fleet !== undefined) return <Link to={fleetAddress(fleet)}>{what}</Link>;
  return key === undefined ? what : <Link to={fileAddress(key)}>{what}</Link>;
}
