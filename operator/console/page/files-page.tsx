import { useCallback } from "preact/hooks";
import type { FolderView } from "../api.ts";
import { Bytes } from "./bytes.tsx";
import { Link } from "./link.tsx";
import { useLive } from "./live.ts";
import { Age } from "./marks.tsx";
import { Empty, Shown } from "./notices.tsx";
import { Pager } from "./pager.tsx";
import { addressOf, fileAddress } from "./route.ts";
import { Search } from "./search.tsx";
import { TargetLink } from "./target-link.tsx";

/** What the bucket has, a folder at a time. */
export function FilesPage({ prefix, after }: { prefix: string; after: string | undefined }) {
  const live = useLive<FolderView>(addressOf("/api/files", { prefix, after }));
  const addressFor = useCallback((text: string) => addressOf("/files", { prefix: text }), []);
  return (
    <>
      <div class="heading">
        <h1 tabIndex={-1}>Files</h1>
        <Search label="How the key begins" value={prefix} addressFor={addressFor} />
      </div>
      <Shown live={live}>
        {(view) =>
          view.folders.length + view.files.length === 0 ? (
            <NoFiles prefix={prefix} />
          ) : (
            <>
              <Folder view={view} />
              <Pager
                first={after === undefined ? undefined : addressOf("/files", { prefix })}
                next={view.next === undefined ? undefined : addressOf("/files", { prefix, after: view.next })}
              />
            </>
          )
        }
      </Shown>
    </>
  );
}

function Folder({ view: { prefix, folders, files } }: { view: FolderView }) {
  const above = prefix.replace(/[^/]*\/?$/, "");
  return (
    <div class="table">
      <table>
        <caption class="visually-hidden">Files of the bucket below “{prefix}”</caption>
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col" class="number">
              Size
            </th>
            <th scope="col" class="number is-age">
              Age
            </th>
            <th scope="col" class="wide">
              Goes to
            </th>
          </tr>
        </thead>
        <tbody>
          {prefix !== "" && (
            <tr>
              <th scope="row" class="name">
                <Link to={addressOf("/files", { prefix: above })}>
                  .. up to {above === "" ? "the top" : above}
                </Link>
              </th>
              <td colSpan={3} />
            </tr>
          )}
          {folders.map((folder) => (
            <tr key={folder}>
              <th scope="row" class="name">
                <Link to={addressOf("/files", { prefix: folder })}>{folder}</Link>
              </th>
              <td class="number aside">folder</td>
              <td />
              <td class="wide" />
            </tr>
          ))}
          {files.map(({ key, bytes, at, target, problem }) => (
            <tr key={key}>
              <th scope="row" class="name">
                <Link to={fileAddress(key)}>{key}</Link>
              </th>
              <td class="number">
                <Bytes bytes={bytes} />
              </td>
              <td class="number">
                <Age at={at} />
              </td>
              <td class="wide name">
                {target === undefined ? `nobody: ${problem}` : <TargetLink uid={target} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NoFiles({ prefix }: { prefix: string }) {
  if (prefix !== "") return <Empty title={`No key of the bucket begins with “${prefix}”.`} />;
  return (
    <Empty title="The bucket is empty.">
      <p>
        <Link to="/upload">Upload a file</Link>, or drop one anywhere on this page.
      </p>
    </Empty>
  );
}
