/** Addresses in settings to which paths are appended. */

/** Says whether paths may be appended to a text: an http or https URL without credentials, query and fragment. */
export function isBaseUrl(text: string): boolean {
  return /^https?:\/\/[^\s?#@\\]+$/i.test(text) && URL.canParse(text)
}

/** Appends a path to an address, which may end with a slash. */
export function appendPath(base: string, path: string): string {
  return base.replace(/\/+$/, '') + path
}
