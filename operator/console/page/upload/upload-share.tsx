import { ShareSlider } from "../share/share-slider.tsx";
import { count } from "../words.ts";

type UploadShareProps = {
  devices: number | undefined;
  /** How many are uploaded. */
  files: number;
  share: number;
  onChange(share: number): void;
};

/** For what part of a fleet an upload is. Which devices these are its version says, which it does not have before. */
export function UploadShare({ devices, files, share, onChange }: UploadShareProps) {
  return (
    <div class="picker">
      <ShareSlider percent={share} means={aboutDevices(devices, share)} onChange={onChange} />
      {share < 100 && (
        <p class="aside">
          The others have, or keep, the last version that was for all of them. Which devices are in, and
          exactly how many, the new version says; the page of the file shows it, and has the share grow.
        </p>
      )}
      {share > 0 && share < 100 && files > 1 && (
        <p>
          <strong>The same devices get all {files} files</strong>: what is uploaded together is one release.
        </p>
      )}
    </div>
  );
}

/** `about 10 of 41 devices` */
export function aboutDevices(devices: number | undefined, share: number): string {
  if (devices === undefined) return "an unknown number of devices";
  if (share === 100) return count(devices, "device");
  if (share === 0) return `none of ${count(devices, "device")}`;
  return `about ${Math.round((devices * share) / 100).toLocaleString("en")} of ${count(devices, "device")}`;
}
