import { useEffect, useState } from "preact/hooks";
import { goTo } from "../route.ts";
import { filesOfDrop } from "./collect-files.ts";
import { choose } from "./uploads.ts";

/** Takes files that are dropped anywhere on the page to where they can be uploaded. @returns whether some are held over it */
export function useDroppedFiles(): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;
    const onDragOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onDragLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      if (event.dataTransfer === null || !hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      void filesOfDrop(event.dataTransfer).then((files) => {
        choose(files);
        goTo("/upload");
      });
    };
    addEventListener("dragover", onDragOver);
    addEventListener("dragleave", onDragLeave);
    addEventListener("drop", onDrop);
    return () => {
      removeEventListener("dragover", onDragOver);
      removeEventListener("dragleave", onDragLeave);
      removeEventListener("drop", onDrop);
    };
  }, []);
  return isOver;
}
