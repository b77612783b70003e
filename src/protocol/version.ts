/** A release of memcached: major, minor, patch. */
export type Version = readonly [major: number, minor: number, patch: number];

/** The release that a server's answer to `version` names, such as `1.6.18`; undefined for what names none. */
export function versionOf(text: string): Version | undefined {
  const parts = /^(\d{1,5})\.(\d{1,5})\.(\d{1,5})/.exec(text);
  return parts === null ? undefined : [Number(parts[1]), Number(parts[2]), Number(parts[3])];
}

/** Whether a release has what another one brought. */
export function isSince(version: Version, since: Version): boolean {
  for (const [place, part] of since.entries()) {
    if (version[place] !== part) return version[place] > part;
  }
  return true;
}

/** The first release that speaks the meta commands in their stable form. */
export const STABLE_META: Version = [1, 6, 10];
