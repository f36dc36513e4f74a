import type { AttentionView } from "../api.ts";
import { FileCells } from "./file-cells.tsx";
import { Link } from "./link.tsx";
import { useLive } from "./live.ts";
import { Empty, Shown } from "./notices.tsx";
import { Pager } from "./pager.tsx";
import { addressOf, deviceAddress } from "./route.ts";

/** What somebody should look at, newest first. */
export function AttentionPage({ after }: { after: string | undefined }) {
  const live = useLive<AttentionView>(addressOf("/api/attention", { after }));
  return (
    <>
      <div class="heading">
        <h1 tabIndex={-1}>Attention</h1>
        <p class="aside">What somebody should look at, newest first</p>
      </div>
      <Shown live={live}>
        {({ lines, next }) =>
          lines.length === 0 ? (
            <Empty title="Nothing is in trouble.">
              <p>
                No device has refused, failed, rolled back, stopped or lost a file, and each could be told of
                its files.
              </p>
            </Empty>
          ) : (
            <>
              <div class="table">
                <table>
                  <caption class="visually-hidden">Files of devices in trouble, newest first</caption>
                  <thead>
                    <tr>
                      <th scope="col">Device</th>
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
                  <tbody>
                    {lines.map((line) => (
                      <tr key={`${line.device}\n${line.path}`}>
                        <th scope="row" class="name">
                          <Link to={deviceAddress(line.device)}>{line.device}</Link>
                        </th>
                        <FileCells line={line} />
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              <Pager
                first={after === undefined ? undefined : "/attention"}
                next={next === undefined ? undefined : addressOf("/attention", { after: next })}
              />
            </>
          )
        }
      </Shown>
    </>
  );
}
