import { useEffect, useRef } from "preact/hooks";
import { filesOfInput } from "./collect-files.ts";
import { choose } from "./uploads.ts";

/** Where files are dropped, and buttons for who has no pointer. */
export function ChooseFiles({ hasFiles }: { hasFiles: boolean }) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  useEffect(() => folder.current?.setAttribute("webkitdirectory", ""), []);
  const onChange = (event: { currentTarget: HTMLInputElement }) => {
    choose(filesOfInput(event.currentTarget.files));
    event.currentTarget.value = ""; // the same again is a choice too
  };
  return (
    <div class={hasFiles ? "drop-zone small" : "drop-zone"}>
      <p>{hasFiles ? "Drop more here, or" : "Drop files or folders here, or"}</p>
      <div class="buttons">
        <button
          type="button"
          class={hasFiles ? "button" : "button primary"}
          onClick={() => files.current?.click()}
        >
          Choose files
        </button>
        <button type="button" class="button" onClick={() => folder.current?.click()}>
          Choose a folder
        </button>
      </div>
      <input ref={files} type="file" multiple hidden onChange={onChange} aria-label="Files" />
      <input ref={folder} type="file" multiple hidden onChange={onChange} aria-label="Folder" />
    </div>
  );
}
