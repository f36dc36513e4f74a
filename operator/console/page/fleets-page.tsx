import type { FleetLine, FleetsView } from "../api.ts";
import { Link } from "./link.tsx";
import { useLive } from "./live.ts";
import { Age, StageCounts } from "./marks.tsx";
import { Empty, Shown } from "./notices.tsx";
import { Pager } from "./pager.tsx";
import { addressOf } from "./route.ts";
import { TargetLink } from "./target-link.tsx";

/** The fleets that are told by a manifest, and how far their devices are. */
export function FleetsPage({ after }: { after: string | undefined }) {
  const live = useLive<FleetsView>(addressOf("/api/fleets", { after }));
  return (
    <>
      <div class="heading">
        <h1 tabIndex={-1}>Fleets</h1>
        <p class="aside">How far their devices are with what they were told</p>
      </div>
      <Shown live={live}>
        {({ areTold, fleets, next }) =>
          fleets.length === 0 ? (
            <NoFleets areTold={areTold} />
          ) : (
            <>
              <FleetsTable fleets={fleets} />
              <Pager
                first={after === undefined ? undefined : "/fleets"}
                next={next === undefined ? undefined : addressOf("/fleets", { after: next })}
              />
            </>
          )
        }
      </Shown>
    </>
  );
}

function FleetsTable({ fleets }: { fleets: readonly FleetLine[] }) {
  return (
    <div class="table">
      <table>
        <caption class="visually-hidden">Fleets, and how far their devices are</caption>
        <thead>
          <tr>
            <th scope="col">Fleet</th>
            <th scope="col">Devices heard of</th>
            <th scope="col" class="number wide">
              Files
            </th>
            <th scope="col" class="wide">
              Shares
            </th>
            <th scope="col" class="number">
              Announced
            </th>
          </tr>
        </thead>
        <tbody>
          {fleets.map(({ fleet, stages, files, shares, announced, waiting }) => (
            <tr key={fleet}>
              <th scope="row" class="name">
                <TargetLink uid={fleet} />
              </th>
              <td>{stages.length === 0 ? "none yet" : <StageCounts stages={stages} />}</td>
              <td class="number wide">{files.toLocaleString("en")}</td>
              <td class="wide">{shares.length === 0 ? "–" : `${shares.length} for a part of it`}</td>
              <td class="number">
                {waiting !== undefined ? (
                  "changing"
                ) : announced === undefined ? (
                  "–"
                ) : (
                  <>
                    <Age at={announced} /> ago
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

function NoFleets({ areTold }: { areTold: boolean }) {
  if (!areTold)
    return (
      <Empty title="This deployment is older than the manifests that fleets are told by.">
        <p>Deploy it again, and this page shows how far each fleet is.</p>
      </Empty>
    );
  return (
    <Empty title="No fleet was told of a file yet.">
      <p>
        <Link to="/upload">Upload a file</Link> for a fleet, and this page shows how far its devices are.
      </p>
    </Empty>
  );
}
